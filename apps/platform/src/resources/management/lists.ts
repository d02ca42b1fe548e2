/** Lists of registrations and of what grew out of them, read a few at a time so that a long one keeps nobody waiting. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readInput } from '../../input.ts';
import type { Documents } from '../../model/documents.ts';
import type { Kind, Store } from '../../store/store.ts';

const chunkSize = 100;
export const pageInput = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  after: z.string().default(''),
});

export interface Found<K extends Kind> {
  readonly id: string;
  readonly document: Documents[K];
}

/** Every document of a kind that is wanted, by ascending id. @param isWanted asked before the document is read */
export async function* documentsOf<K extends Kind>(
  store: Store,
  kind: K,
  isWanted: (id: string) => boolean = () => true,
): AsyncGenerator<Found<K>> {
  const ids = (await store.read((snapshot) => snapshot.ids(kind))).filter(isWanted);
  for (let from = 0; from < ids.length; from += chunkSize) {
    const chunk = ids.slice(from, from + chunkSize);
    const documents = await store.read((snapshot) => chunk.map((id) => snapshot.get(kind, id)));
    for (const [index, document] of documents.entries()) {
      const id = chunk[index];
      if (document !== undefined && id !== undefined) yield { id, document };
    }
  }
}

/**
 * One page: `?limit=` documents (200) behind `?after=`.
 * @returns what to show, and what to ask for as `after` when there is more
 */
export async function pageOf<K extends Kind>(
  request: FastifyRequest,
  store: Store,
  kind: K,
  isWanted: (id: string) => boolean,
): Promise<{ readonly found: Documents[K][]; readonly next?: string }> {
  const { limit, after } = readInput(request, pageInput);
  const found: Documents[K][] = [];
  let last = '';
  for await (const one of documentsOf(store, kind, (id) => id > after && isWanted(id))) {
    if (found.length === limit) return { found, next: last };
    found.push(one.document);
    last = one.id;
  }
  return { found };
}
