import type { Queries } from './client.ts';

export interface WaitingCallback {
  readonly id: bigint;
  readonly key: string;
  readonly ack: number;
  readonly body: string;
  readonly receivedAt: Date;
  readonly attempts: number;
}

/**
 * Stores a batch as it came. A batch that is already there stays as it was.
 * @returns the session it belongs to: for a repeated batch that of the first one
 */
export async function storeCallback(
  { prisma }: Queries,
  callback: {
    readonly key: string;
    readonly ack: number;
    readonly sessionId: string;
    readonly body: string;
    readonly now: Date;
  },
): Promise<{ readonly sessionId: string; readonly repeated: boolean }> {
  const { key, ack, sessionId, body, now } = callback;
  const inserted = await prisma.$executeRaw`
    INSERT INTO "callbackInbox" ("key", "ack", "sessionId", "body", "receivedAt", "dueAt")
    VALUES (${key}, ${ack}, ${sessionId}, ${body}, ${now}, ${now})
    ON CONFLICT ("key", "ack") DO NOTHING`;
  if (inserted === 1) return { sessionId, repeated: false };
  const stored = await prisma.callbackInbox.findUniqueOrThrow({ where: { key_ack: { key, ack } } });
  return { sessionId: stored.sessionId, repeated: true };
}

/** The session that earlier batches of this key (= conversation) went to. */
export async function sessionOfKey({ prisma }: Queries, key: string): Promise<string | undefined> {
  const row = await prisma.callbackInbox.findFirst({
    where: { key },
    orderBy: { ack: 'asc' },
    select: { sessionId: true },
  });
  return row?.sessionId;
}

/**
 * Takes a key for this transaction, so that two first batches of one conversation never make two sessions.
 * Embedded there is only one transaction at a time anyway.
 */
export async function lockCallbackKey({ prisma }: Queries, key: string): Promise<void> {
  await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
}

/** Sessions with a batch to work on at this time: one that {@link nextCallback} gives. Who waits longest is first. */
export async function sessionsWithCallbacks({ prisma }: Queries, now: Date, limit: number): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ sessionId: string }[]>`
    SELECT "sessionId" FROM (
      SELECT DISTINCT ON ("sessionId", "key") "sessionId", "id", "dueAt" FROM "callbackInbox"
      WHERE "processedAt" IS NULL ORDER BY "sessionId", "key", "ack"
    ) AS "first" WHERE "dueAt" <= ${now}::timestamp GROUP BY "sessionId" ORDER BY min("id") LIMIT ${limit}`;
  return rows.map((row) => row.sessionId);
}

/**
 * The batch of a session to work on next: per key in the order of `ack`, whatever order they came in;
 * between keys in order of arrival. The caller holds the session.
 */
export async function nextCallback(
  { prisma }: Queries,
  sessionId: string,
  now: Date,
): Promise<WaitingCallback | undefined> {
  const rows = await prisma.$queryRaw<WaitingCallback[]>`
    SELECT "id", "key", "ack", "body", "receivedAt", "attempts" FROM (
      SELECT DISTINCT ON ("key") * FROM "callbackInbox"
      WHERE "sessionId" = ${sessionId} AND "processedAt" IS NULL ORDER BY "key", "ack"
    ) AS "first" WHERE "dueAt" <= ${now}::timestamp ORDER BY "id" LIMIT 1`;
  return rows[0];
}

/** Marks a batch as done. */
export async function finishCallback({ prisma }: Queries, id: bigint, now: Date, failure?: string): Promise<void> {
  await prisma.callbackInbox.update({
    where: { id },
    data: { processedAt: now, attempts: { increment: 1 }, ...(failure === undefined ? {} : { failure }) },
  });
}

/** Puts a batch off after a failed attempt; the later ones of its key wait behind it. */
export async function postponeCallback({ prisma }: Queries, id: bigint, dueAt: Date, failure: string): Promise<void> {
  await prisma.callbackInbox.update({ where: { id }, data: { dueAt, failure, attempts: { increment: 1 } } });
}
