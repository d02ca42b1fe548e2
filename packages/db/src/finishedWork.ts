import type { Queries } from './client.ts';

/**
 * Removes batches that were worked on and commands that were carried out or refused, of sessions that ended before
 * `endedBefore`. The timeline and the record of what was said stay.
 * @param limit rows at most, of each table
 * @returns how many were removed
 */
export async function removeFinishedWork(
  { prisma }: Queries,
  { endedBefore, limit }: { readonly endedBefore: Date; readonly limit: number },
): Promise<{ readonly callbacks: number; readonly commands: number }> {
  const callbacks = await prisma.$executeRaw`
    DELETE FROM "callbackInbox" WHERE "id" IN (
      SELECT "callbackInbox"."id" FROM "callbackInbox"
      JOIN "helpdeskSession" ON "helpdeskSession"."id" = "callbackInbox"."sessionId"
      WHERE "helpdeskSession"."endedAt" < ${endedBefore}::timestamp AND "callbackInbox"."processedAt" IS NOT NULL
      LIMIT ${limit})`;
  const commands = await prisma.$executeRaw`
    DELETE FROM "outbox" WHERE "position" IN (
      SELECT "outbox"."position" FROM "outbox"
      JOIN "helpdeskSession" ON "helpdeskSession"."id" = "outbox"."sessionId"
      WHERE "helpdeskSession"."endedAt" < ${endedBefore}::timestamp AND "outbox"."state" <> 'waiting'
      LIMIT ${limit})`;
  return { callbacks, commands };
}
