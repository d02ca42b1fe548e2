import type { Queries } from './client.ts';
import { newId } from './ids.ts';
import { toJson, toJsonText } from './json.ts';

/** A command that this worker may send now; nobody else gets it before the lease is over. */
export interface ClaimedCommand {
  readonly id: string;
  readonly sessionId: string;
  readonly operationId: string;
  readonly name: string;
  readonly command: unknown;
  /** How often it was sent, this time included. */
  readonly attempts: number;
  readonly createdAt: Date;
}

/**
 * Adds a command, behind those of the same session. One with an operationId that is there already changes nothing.
 * The caller holds the session, so positions rise in the order of the decisions.
 * @returns whether it was new
 */
export async function enqueueCommand(
  { prisma }: Queries,
  command: {
    readonly sessionId: string;
    readonly operationId: string;
    readonly name: string;
    readonly command: unknown;
    readonly now: Date;
  },
): Promise<boolean> {
  const { sessionId, operationId, name, now } = command;
  const inserted = await prisma.$executeRaw`
    INSERT INTO "outbox" ("id", "sessionId", "operationId", "name", "command", "dueAt", "createdAt")
    VALUES (${newId('command')}, ${sessionId}, ${operationId}, ${name}, ${toJsonText(command.command)}::jsonb, ${now}, ${now})
    ON CONFLICT ("operationId") DO NOTHING`;
  return inserted === 1;
}

/**
 * Claims commands that are due: of each session only the first unfinished one, so a session's commands are sent
 * strictly in order. A claim is a lease; when its holder dies the command is given out again.
 * @param leaseMs longer than one request to the platform may take
 */
export async function claimCommands(
  { prisma }: Queries,
  claim: { readonly now: Date; readonly leaseMs: number; readonly limit: number },
): Promise<ClaimedCommand[]> {
  const { now, limit } = claim;
  const leaseUntil = new Date(now.getTime() + claim.leaseMs);
  const rows = await prisma.$queryRaw<(ClaimedCommand & { position: bigint })[]>`
    WITH "due" AS MATERIALIZED (
      SELECT "candidate"."position" FROM "outbox" AS "candidate"
      WHERE "candidate"."state" = 'waiting' AND "candidate"."dueAt" <= ${now}::timestamp
        AND ("candidate"."leaseUntil" IS NULL OR "candidate"."leaseUntil" <= ${now}::timestamp)
        AND NOT EXISTS (
          SELECT 1 FROM "outbox" AS "before"
          WHERE "before"."sessionId" = "candidate"."sessionId" AND "before"."state" = 'waiting'
            AND "before"."position" < "candidate"."position")
      ORDER BY "candidate"."dueAt", "candidate"."position" LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    UPDATE "outbox" SET "leaseUntil" = ${leaseUntil}::timestamp, "attempts" = "attempts" + 1
    FROM "due" WHERE "outbox"."position" = "due"."position"
    RETURNING "outbox"."position", "id", "sessionId", "operationId", "name", "command", "attempts", "createdAt"`;
  return rows
    .sort((one, other) => Number(one.position - other.position))
    .map(({ position: _position, ...command }) => command);
}

/**
 * Ends a command, once.
 * @returns false when it had been ended before; the outcome then stays the first one
 */
export async function finishCommand(
  { prisma }: Queries,
  id: string,
  end: { readonly state: 'succeeded' | 'failed'; readonly outcome: unknown; readonly now: Date },
): Promise<boolean> {
  const { count } = await prisma.outbox.updateMany({
    where: { id, state: 'waiting' },
    data: { state: end.state, outcome: toJson(end.outcome), finishedAt: end.now, leaseUntil: null },
  });
  return count === 1;
}

/** Gives a command back, to be sent again at `dueAt`; later ones of its session wait behind it. */
export async function postponeCommand({ prisma }: Queries, id: string, dueAt: Date, outcome: unknown): Promise<void> {
  await prisma.outbox.updateMany({
    where: { id, state: 'waiting' },
    data: { dueAt, leaseUntil: null, outcome: toJson(outcome) },
  });
}

/** Ends all leases. Only for a process that is alone on its database, when it starts. */
export async function releaseLeases({ prisma }: Queries): Promise<void> {
  await prisma.outbox.updateMany({ where: { leaseUntil: { not: null } }, data: { leaseUntil: null } });
}

/** The commands of a session, oldest first, with their state. */
export async function commandsOf({ prisma }: Queries, sessionId: string) {
  return prisma.outbox.findMany({
    where: { sessionId },
    orderBy: { position: 'asc' },
    select: { id: true, operationId: true, name: true, state: true, attempts: true, dueAt: true, outcome: true },
  });
}
