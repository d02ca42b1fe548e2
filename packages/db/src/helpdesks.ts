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

/** A helpdesk's row without the time of its making, which nothing asks for. */
const omit = { createdAt: true } as const;

export async function findHelpdesk({ prisma }: Queries, id: string): Promise<Helpdesk | undefined> {
  return (await prisma.helpdesk.findUnique({ where: { id }, omit })) ?? undefined;
}

/** The helpdesk that a page names in its script tag. */
export async function findHelpdeskByKey({ prisma }: Queries, publicKey: string): Promise<Helpdesk | undefined> {
  return (await prisma.helpdesk.findUnique({ where: { publicKey }, omit })) ?? undefined;
}

/** The helpdesk that a visitor called; in any case. */
export async function findHelpdeskByUri({ prisma }: Queries, uri: string): Promise<Helpdesk | undefined> {
  return (await prisma.helpdesk.findUnique({ where: { uri: uri.trim().toLowerCase() }, omit })) ?? undefined;
}

/** Every helpdesk, by name. */
export async function listHelpdesks({ prisma }: Queries): Promise<Helpdesk[]> {
  return prisma.helpdesk.findMany({ orderBy: { displayName: 'asc' }, omit });
}

/** Creates the helpdesk, or brings the one with this uri up to date; the id stays. */
export async function saveHelpdesk(
  { prisma }: Queries,
  helpdesk: Omit<Helpdesk, 'id'> & { readonly now: Date },
): Promise<Helpdesk> {
  const { now, ...given } = helpdesk;
  const values = { ...given, uri: given.uri.trim().toLowerCase(), allowedOrigins: [...given.allowedOrigins] };
  return prisma.helpdesk.upsert({
    where: { uri: values.uri },
    update: values,
    create: { ...values, id: newId('helpdesk'), createdAt: now },
    omit,
  });
}
