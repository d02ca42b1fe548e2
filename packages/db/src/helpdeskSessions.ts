import { servedReasons } from './assignments.ts';
import type { Queries } from './client.ts';
import { newId } from './ids.ts';
import { toJson } from './json.ts';

/** One visitor's request for help, without the machine's snapshot. */
export interface HelpdeskSession {
  readonly id: string;
  readonly helpdeskId: string;
  readonly state: string;
  readonly visitorName: string | undefined;
  readonly subject: string | undefined;
  /** Where the visitor asked: what the page sent as custom content. */
  readonly page: unknown;
  /** Absolute href of the two-party leg, C1. */
  readonly conversationHref: string | undefined;
  readonly onlineMeetingUri: string | undefined;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly endReason: string | undefined;
}

/** A line of the list of sessions. */
export interface SessionSummary extends HelpdeskSession {
  readonly helpdeskName: string;
  /** SIP uri of the agent who has it, or had it last. */
  readonly agentUri: string | undefined;
  readonly agentName: string | undefined;
}

/** What the machine goes on from. */
export interface StoredMachine {
  /** Missing before the first step. */
  readonly snapshot: unknown;
  readonly machineVersion: string;
}

export type LockedSession = HelpdeskSession & StoredMachine;

/** Begins a session in which nothing has been decided yet. @returns its id */
export async function createSession(
  { prisma }: Queries,
  session: { readonly helpdeskId: string; readonly now: Date },
): Promise<string> {
  const id = newId('helpdeskSession');
  const { helpdeskId, now } = session;
  await prisma.helpdeskSession.create({ data: { id, helpdeskId, state: 'new', machineVersion: '', startedAt: now } });
  return id;
}

/**
 * Takes the session for this transaction; another transaction that wants it waits for the end of this one.
 * Everything that changes a session takes it first, so its steps happen one after another.
 */
export async function lockSession({ prisma }: Queries, id: string): Promise<LockedSession | undefined> {
  await prisma.$queryRaw`SELECT 1 FROM "helpdeskSession" WHERE "id" = ${id} FOR UPDATE`;
  const row = await prisma.helpdeskSession.findUnique({ where: { id } });
  return row
    ? { ...toSession(row), snapshot: row.snapshot ?? undefined, machineVersion: row.machineVersion }
    : undefined;
}

export interface SessionChange {
  readonly state?: string;
  readonly machineVersion?: string;
  readonly snapshot?: unknown;
  readonly visitorName?: string;
  readonly subject?: string;
  readonly page?: unknown;
  readonly conversationHref?: string;
  readonly onlineMeetingUri?: string;
  readonly endedAt?: Date;
  readonly endReason?: string;
}

/** Changes the members given; the others stay. The caller holds the session ({@link lockSession}). */
export async function saveSession({ prisma }: Queries, id: string, change: SessionChange): Promise<void> {
  const { snapshot, page, ...plain } = change;
  await prisma.helpdeskSession.update({
    where: { id },
    data: {
      ...plain,
      ...(snapshot === undefined ? {} : { snapshot: toJson(snapshot) }),
      ...(page === undefined ? {} : { page: toJson(page) }),
    },
  });
}

/** A session to read; whoever changes it takes it with {@link lockSession}. */
export async function findSession({ prisma }: Queries, id: string): Promise<HelpdeskSession | undefined> {
  const row = await prisma.helpdeskSession.findUnique({ where: { id }, omit: { snapshot: true } });
  return row ? toSession(row) : undefined;
}

/** The session whose visitor was brought into this meeting; uris are compared without case. */
export async function findSessionByMeetingUri({ prisma }: Queries, uri: string): Promise<HelpdeskSession | undefined> {
  const row = await prisma.helpdeskSession.findFirst({
    where: { onlineMeetingUri: { equals: uri, mode: 'insensitive' } },
    orderBy: { startedAt: 'desc' },
    omit: { snapshot: true },
  });
  return row ? toSession(row) : undefined;
}

/**
 * Sessions, newest first.
 * @param before only those that started before this instant: the `startedAt` of the last line of the page before
 * @param personUri only those that this agent has or has served, not those that he was merely rung for
 */
export async function listSessions(
  { prisma }: Queries,
  query: { readonly limit: number; readonly before?: Date; readonly personUri?: string },
): Promise<SessionSummary[]> {
  const rows = await prisma.helpdeskSession.findMany({
    where: {
      ...(query.before ? { startedAt: { lt: query.before } } : {}),
      ...(query.personUri ? { assignments: { some: heldOrServedBy(query.personUri) } } : {}),
    },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    take: query.limit,
    omit: { snapshot: true },
    include: {
      helpdesk: { select: { displayName: true } },
      assignments: {
        where: { personUri: { not: null } },
        orderBy: [{ assignedAt: 'desc' }, { id: 'desc' }],
        take: 1,
        include: { person: { select: { name: true } } },
      },
    },
  });
  return rows.map((row) => ({
    ...toSession(row),
    helpdeskName: row.helpdesk.displayName,
    agentUri: row.assignments[0]?.personUri ?? undefined,
    agentName: row.assignments[0]?.person?.name,
  }));
}

function heldOrServedBy(personUri: string) {
  const served = { releaseReason: { in: [...servedReasons] } };
  return { personUri: personUri.toLowerCase(), OR: [{ releasedAt: null }, served] };
}

interface Row {
  readonly id: string;
  readonly helpdeskId: string;
  readonly state: string;
  readonly visitorName: string | null;
  readonly subject: string | null;
  readonly page: unknown;
  readonly conversationHref: string | null;
  readonly onlineMeetingUri: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
}

function toSession(row: Row): HelpdeskSession {
  return {
    id: row.id,
    helpdeskId: row.helpdeskId,
    state: row.state,
    visitorName: row.visitorName ?? undefined,
    subject: row.subject ?? undefined,
    page: row.page ?? undefined,
    conversationHref: row.conversationHref ?? undefined,
    onlineMeetingUri: row.onlineMeetingUri ?? undefined,
    startedAt: row.startedAt,
    endedAt: row.endedAt ?? undefined,
    endReason: row.endReason ?? undefined,
  };
}
