import type { Queries } from './client.ts';

export interface DueTimer {
  readonly sessionId: string;
  readonly name: string;
  readonly dueAt: Date;
}

/** Sets a session's timer; one of the same name is moved. */
export async function scheduleTimer({ prisma }: Queries, timer: DueTimer): Promise<void> {
  const { sessionId, name, dueAt } = timer;
  await prisma.timer.upsert({ where: { sessionId_name: { sessionId, name } }, create: timer, update: { dueAt } });
}

/** Removes a timer. @returns whether there was one */
export async function cancelTimer({ prisma }: Queries, sessionId: string, name: string): Promise<boolean> {
  return (await prisma.timer.deleteMany({ where: { sessionId, name } })).count === 1;
}

/** Removes every timer of a session. */
export async function cancelTimers({ prisma }: Queries, sessionId: string): Promise<void> {
  await prisma.timer.deleteMany({ where: { sessionId } });
}

/** Timers whose time has come, the oldest first. */
export async function timersDue({ prisma }: Queries, now: Date, limit: number): Promise<DueTimer[]> {
  return prisma.timer.findMany({ where: { dueAt: { lte: now } }, orderBy: { dueAt: 'asc' }, take: limit });
}

/**
 * Takes a due timer away, inside the transaction that acts on it.
 * @returns false when another worker took it or it was moved meanwhile
 */
export async function takeTimer({ prisma }: Queries, timer: DueTimer): Promise<boolean> {
  const { sessionId, name, dueAt } = timer;
  return (await prisma.timer.deleteMany({ where: { sessionId, name, dueAt } })).count === 1;
}
