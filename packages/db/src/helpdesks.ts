import type { Queries } from './client.ts';
import { newId } from './ids.ts';

export interface Helpdesk {
  readonly id: string;
  readonly publicKey: string;
  readonly uri: string;
  readonly displayName: string;
  /** Origins of the pages that may show this helpdesk: `https://www.contoso.com`. */
  readonly allowedOrigins: readonly string[];
  readonly welcomeText: string;
  readonly noAgentText: string;
  readonly ringTimeoutMs: number;
  readonly startTimeoutMs: number;
}

export async function findHelpdesk({ prisma }: Queries, id: string): Promise<Helpdesk | undefined> {
  return toHelpdesk(await prisma.helpdesk.findUnique({ where: { id } }));
}

export async function findHelpdeskByKey({ prisma }: Queries, publicKey: string): Promise<Helpdesk | undefined> {
  return toHelpdesk(await prisma.helpdesk.findUnique({ where: { publicKey } }));
}

export async function findHelpdeskByUri({ prisma }: Queries, uri: string): Promise<Helpdesk | undefined> {
  return toHelpdesk(await prisma.helpdesk.findUnique({ where: { uri: uri.trim().toLowerCase() } }));
}

export async function listHelpdesks({ prisma }: Queries): Promise<Helpdesk[]> {
  const rows = await prisma.helpdesk.findMany({ orderBy: { displayName: 'asc' } });
  return rows.map(({ createdAt: _createdAt, ...helpdesk }) => helpdesk);
}

/** Creates the helpdesk, or brings the one with this uri up to date; the id stays. */
export async function saveHelpdesk(
  { prisma }: Queries,
  helpdesk: Omit<Helpdesk, 'id'> & { readonly now: Date },
): Promise<Helpdesk> {
  const { now, ...given } = helpdesk;
  const values = { ...given, uri: given.uri.trim().toLowerCase(), allowedOrigins: [...given.allowedOrigins] };
  const { createdAt: _createdAt, ...saved } = await prisma.helpdesk.upsert({
    where: { uri: values.uri },
    update: values,
    create: { ...values, id: newId('helpdesk'), createdAt: now },
  });
  return saved;
}

function toHelpdesk(row: (Helpdesk & { readonly createdAt: Date }) | null): Helpdesk | undefined {
  if (!row) return undefined;
  const { createdAt: _createdAt, ...helpdesk } = row;
  return helpdesk;
}
