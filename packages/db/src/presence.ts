import type { Queries } from './client.ts';

const presenceStatuses = ['available', 'away', 'offline'] as const;
export type PresenceStatus = (typeof presenceStatuses)[number];

export interface AgentPresence {
  readonly sipUri: string;
  readonly name: string;
  readonly status: PresenceStatus;
  /** When the lease ends; after that the agent counts as offline whatever the status says. */
  readonly until: Date;
  readonly activeCount: number;
  readonly capacity: number;
}

/** Says what an agent's desk says, as a lease to `until`. A person without a row of `person` is refused by the database. */
export async function renewPresence(
  { prisma }: Queries,
  presence: { readonly sipUri: string; readonly status: PresenceStatus; readonly until: Date },
): Promise<void> {
  const sipUri = presence.sipUri.trim().toLowerCase();
  const { status, until } = presence;
  await prisma.$executeRaw`
    INSERT INTO "agentPresence" ("sipUri", "status", "until") VALUES (${sipUri}, ${status}, ${until})
    ON CONFLICT ("sipUri") DO UPDATE SET "status" = EXCLUDED."status", "until" = EXCLUDED."until"`;
}

/** Every agent who ever was at a desk, by name. */
export async function listPresence({ prisma }: Queries): Promise<AgentPresence[]> {
  const rows = await prisma.agentPresence.findMany({ include: { person: true }, orderBy: { person: { name: 'asc' } } });
  return rows.map(({ sipUri, status, until, activeCount, person }) => ({
    sipUri,
    name: person.name,
    status: presenceStatuses.find((known) => known === status) ?? 'offline',
    until,
    activeCount,
    capacity: person.capacity,
  }));
}
