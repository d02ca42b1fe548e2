import type { Queries } from './client.ts';
import { toJson } from './json.ts';

const sessionEventKinds = ['callback', 'decision', 'command', 'outcome', 'timer'] as const;
export type SessionEventKind = (typeof sessionEventKinds)[number];

export interface SessionEventInput {
  readonly at: Date;
  readonly kind: SessionEventKind;
  readonly name: string;
  /** Never the text of a message, never a token. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface SessionEvent {
  /** 1, 2, 3 … within the session. */
  readonly seq: number;
  readonly at: Date;
  readonly kind: SessionEventKind;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Adds lines to a session's timeline, in the order given. */
export async function appendSessionEvents(
  { prisma }: Queries,
  sessionId: string,
  events: readonly SessionEventInput[],
): Promise<void> {
  if (events.length === 0) return;
  // The update gives out the numbers and holds the row, so two writers never share one.
  const { lastSeq } = await prisma.helpdeskSession.update({
    where: { id: sessionId },
    data: { lastSeq: { increment: events.length } },
    select: { lastSeq: true },
  });
  const first = lastSeq - events.length + 1;
  await prisma.sessionEvent.createMany({
    data: events.map((event, index) => ({
      sessionId,
      seq: first + index,
      at: event.at,
      kind: event.kind,
      name: event.name,
      data: toJson(event.data),
    })),
  });
}

/** Everything that happened in a session, oldest first. */
export async function sessionTimeline({ prisma }: Queries, sessionId: string): Promise<SessionEvent[]> {
  const rows = await prisma.sessionEvent.findMany({ where: { sessionId }, orderBy: { seq: 'asc' } });
  return rows.map(({ seq, at, kind, name, data }) => ({
    seq,
    at,
    kind: sessionEventKinds.find((known) => known === kind) ?? 'decision',
    name,
    data: data !== null && typeof data === 'object' && !Array.isArray(data) ? data : {},
  }));
}
