/**
 * Who gets a session. One conditional statement looks, decides and takes:
 *   1. `considered` lists every agent with the reason why or why not;
 *   2. `chosen` locks the agent with the fewest visitors (then the one who waited longest) among the eligible. It asks
 *      for eligibility itself instead of reading `considered`: should the row have changed meanwhile, the database asks
 *      again under the lock, and can do so for conditions on the row only;
 *   3. `taken` counts the visitor into that agent's capacity, on the row that was locked;
 *   4. the assignment is inserted. The unique `activeSessionId` refuses a second holder of the session.
 * Nothing is read first and written later, so any number of instances may assign at the same time. They queue for one
 * lock, though: a session that moves from one agent to another touches two rows, and two such moves would deadlock.
 */
import type { Queries } from './client.ts';
import { newId } from './ids.ts';

export type ConsideredReason = 'eligible' | 'excluded' | 'noPresence' | 'notAvailable' | 'leaseOver' | 'atCapacity';

export interface Considered {
  readonly sipUri: string;
  readonly reason: ConsideredReason;
  readonly activeCount: number;
  readonly capacity: number;
}

export interface Assignment {
  readonly id: string;
  readonly sessionId: string;
  readonly personUri: string | undefined;
  readonly personName: string | undefined;
  readonly considered: readonly Considered[];
  readonly assignedAt: Date;
  readonly releasedAt: Date | undefined;
  readonly releaseReason: string | undefined;
}

/** How the assignment of somebody ends who was in the meeting; all other reasons mean that he never was. */
export const servedReasons: readonly string[] = ['left', 'sessionEnded'];

export interface AssignResult {
  /** Missing when nobody could be given the session. */
  readonly agent: { readonly sipUri: string; readonly name: string } | undefined;
  readonly considered: readonly Considered[];
}

interface Row {
  readonly personUri: string | null;
  readonly personName: string | null;
  readonly considered: readonly Considered[];
}

/** Any number, as long as every instance takes the same. */
const assignmentLock = 7310001;

async function queueForAssignment({ prisma }: Queries): Promise<void> {
  await prisma.$executeRaw`SELECT pg_advisory_xact_lock(${assignmentLock}::bigint)`;
}

/**
 * Gives the session to an available agent with room, or records that there is none.
 * The caller holds the session ({@link lockSession}) and has released an earlier assignment of it.
 * @param excluded SIP uris of those who were rung already
 */
export async function assignAgent(
  queries: Queries,
  request: { readonly sessionId: string; readonly excluded: readonly string[]; readonly now: Date },
): Promise<AssignResult> {
  const { sessionId, now } = request;
  const excluded = request.excluded.map((uri) => uri.toLowerCase());
  await queueForAssignment(queries);
  const row = await take(queries, { sessionId, excluded, now });
  const considered = row?.considered ?? [];
  if (row?.personUri) return { agent: { sipUri: row.personUri, name: row.personName ?? row.personUri }, considered };
  await queries.prisma.assignment.create({
    data: {
      id: newId('assignment'),
      sessionId,
      considered: considered.map((one) => ({ ...one })),
      assignedAt: now,
      releasedAt: now,
      releaseReason: 'noAgent',
    },
  });
  return { agent: undefined, considered };
}

async function take(
  { prisma }: Queries,
  request: { readonly sessionId: string; readonly excluded: readonly string[]; readonly now: Date },
): Promise<Row | undefined> {
  const { sessionId, excluded, now } = request;
  const rows = await prisma.$queryRaw<Row[]>`
    WITH "considered" AS (
      SELECT "person"."sipUri", "person"."name", "person"."capacity", coalesce("presence"."activeCount", 0) AS "activeCount",
        CASE
          WHEN "person"."sipUri" = ANY(${excluded}::text[]) THEN 'excluded'
          WHEN "presence"."sipUri" IS NULL THEN 'noPresence'
          WHEN "presence"."status" <> 'available' THEN 'notAvailable'
          WHEN "presence"."until" <= ${now}::timestamp THEN 'leaseOver'
          WHEN "presence"."activeCount" >= "person"."capacity" THEN 'atCapacity'
          ELSE 'eligible'
        END AS "reason"
      FROM "person" LEFT JOIN "agentPresence" AS "presence" ON "presence"."sipUri" = "person"."sipUri"
      WHERE "person"."role" = 'agent'
    ), "list" AS (
      SELECT coalesce(jsonb_agg(jsonb_build_object('sipUri', "sipUri", 'reason', "reason", 'activeCount', "activeCount",
        'capacity', "capacity") ORDER BY "sipUri"), '[]'::jsonb) AS "considered" FROM "considered"
    ), "chosen" AS (
      SELECT "presence"."sipUri", "person"."name"
      FROM "agentPresence" AS "presence" JOIN "person" ON "person"."sipUri" = "presence"."sipUri"
      WHERE "person"."role" = 'agent' AND NOT ("person"."sipUri" = ANY(${excluded}::text[]))
        AND "presence"."status" = 'available' AND "presence"."until" > ${now}::timestamp
        AND "presence"."activeCount" < "person"."capacity"
      ORDER BY "presence"."activeCount", "presence"."lastAssignedAt" NULLS FIRST, "presence"."sipUri"
      LIMIT 1 FOR UPDATE OF "presence"
    ), "taken" AS (
      UPDATE "agentPresence" SET "activeCount" = "agentPresence"."activeCount" + 1, "lastAssignedAt" = ${now}::timestamp
      FROM "chosen" WHERE "agentPresence"."sipUri" = "chosen"."sipUri"
      RETURNING "agentPresence"."sipUri", "chosen"."name"
    ), "inserted" AS (
      INSERT INTO "assignment" ("id", "sessionId", "personUri", "activeSessionId", "considered", "assignedAt")
      SELECT ${newId('assignment')}, ${sessionId}, "taken"."sipUri", ${sessionId}, "list"."considered", ${now}::timestamp
      FROM "taken" CROSS JOIN "list"
      RETURNING "personUri"
    )
    SELECT "inserted"."personUri", "taken"."name" AS "personName", "list"."considered"
    FROM "list" LEFT JOIN "inserted" ON true LEFT JOIN "taken" ON true`;
  return rows[0];
}

/**
 * Takes the session from whoever has it and makes the room free again, in one statement.
 * @returns the SIP uri of who had it, or undefined when nobody had
 */
export async function releaseAgent(
  queries: Queries,
  release: { readonly sessionId: string; readonly reason: string; readonly now: Date },
): Promise<string | undefined> {
  const { sessionId, reason, now } = release;
  await queueForAssignment(queries);
  const rows = await queries.prisma.$queryRaw<{ personUri: string }[]>`
    WITH "released" AS (
      UPDATE "assignment" SET "activeSessionId" = NULL, "releasedAt" = ${now}::timestamp, "releaseReason" = ${reason}
      WHERE "activeSessionId" = ${sessionId} RETURNING "personUri"
    )
    UPDATE "agentPresence" SET "activeCount" = greatest("activeCount" - 1, 0)
    FROM "released" WHERE "agentPresence"."sipUri" = "released"."personUri" RETURNING "released"."personUri"`;
  return rows[0]?.personUri;
}

/** Every decision about who gets a session, oldest first. */
export async function assignmentsOf({ prisma }: Queries, sessionId: string): Promise<Assignment[]> {
  const rows = await prisma.assignment.findMany({
    where: { sessionId },
    orderBy: [{ assignedAt: 'asc' }, { id: 'asc' }],
    include: { person: { select: { name: true } } },
  });
  return rows.map((row) => ({
    id: row.id,
    sessionId: row.sessionId,
    personUri: row.personUri ?? undefined,
    personName: row.person?.name,
    considered: toConsidered(row.considered),
    assignedAt: row.assignedAt,
    releasedAt: row.releasedAt ?? undefined,
    releaseReason: row.releaseReason ?? undefined,
  }));
}

function toConsidered(json: unknown): Considered[] {
  // Written by this file only.
  return Array.isArray(json) ? (json as Considered[]) : [];
}
