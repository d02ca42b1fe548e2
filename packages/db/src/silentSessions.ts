import type { Queries } from './client.ts';

/** An open session of which nothing was heard for a while, and whose visitor's conversation is known. */
export interface SilentSession {
  readonly id: string;
  /** Absolute. */
  readonly conversationHref: string;
}

interface Silence {
  /** The last callback came before this instant; none waits to be worked on. */
  readonly since: Date;
  readonly limit: number;
  /** Only sessions with a greater id, for going through all of them in parts. */
  readonly afterId?: string;
  readonly id?: string;
}

/** Silent sessions in the order of their ids. */
export async function silentSessions({ prisma }: Queries, silence: Silence): Promise<SilentSession[]> {
  const { since, limit, afterId, id } = silence;
  const rows = await prisma.helpdeskSession.findMany({
    where: {
      endedAt: null,
      // The end has a timer of its own.
      state: { not: 'ending' },
      conversationHref: { not: null },
      inbox: { none: { OR: [{ receivedAt: { gte: since } }, { processedAt: null }] } },
      ...(afterId === undefined ? {} : { id: { gt: afterId } }),
      ...(id === undefined ? {} : { id }),
    },
    orderBy: { id: 'asc' },
    take: limit,
    select: { id: true, conversationHref: true },
  });
  return rows.flatMap((row) =>
    row.conversationHref === null ? [] : [{ id: row.id, conversationHref: row.conversationHref }],
  );
}
