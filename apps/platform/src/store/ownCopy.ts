/** Copies for the store, so that nobody who wrote a document can change it afterwards. */

/**
 * A copy of a document. What it shares with the version before is the store's own already and is shared again: usually a change
 * concerns one or two members.
 */
export function ownCopy(document: unknown, previous: unknown): unknown {
  const copy: Record<string, unknown> = { ...(document as Readonly<Record<string, unknown>>) };
  const own = previous as Readonly<Record<string, unknown>> | undefined;
  for (const name in copy) {
    const value = copy[name];
    if (typeof value === 'object' && value !== null && value !== own?.[name]) copy[name] = deepCopy(value);
  }
  return copy;
}

/** Documents survive JSON, so there is nothing but lists, plain objects and values. */
function deepCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(deepCopy);
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) copy[name] = deepCopy(member);
  return copy;
}
