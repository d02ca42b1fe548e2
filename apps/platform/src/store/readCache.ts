/**
 * Decoded values in front of an engine, because a request reads the same few documents many times. It never changes what is read:
 * what a commit is writing is left to the engine until the commit has ended, which alone knows who may see it.
 */
import type { SequencedEvent } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import type { Kind } from './store.ts';
import type { Base, WriteSet } from './writeSet.ts';

/** What was used longest ago goes first. */
const maxEntries = 20_000;
/** A longer queue of events is read from the engine. */
const maxEvents = 200;

export interface ReadCache extends Base {
  /** To be called before a set is applied. @returns to be called when its commit has ended, however it ended */
  writing(writes: WriteSet): () => void;
}

export function createReadCache(base: Base): ReadCache {
  const values = new Map<string, unknown>();
  /** Keys that commits are writing, and how many. */
  const written = new Map<string, number>();

  const cached = <T>(key: string, load: () => T | undefined): T | undefined => {
    if (written.has(key)) return load();
    const value = (values.get(key) as T | undefined) ?? load();
    if (value === undefined) return undefined;
    values.delete(key);
    values.set(key, value);
    if (values.size > maxEntries) values.delete(values.keys().next().value ?? '');
    return value;
  };

  return {
    get: <K extends Kind>(kind: K, id: string) => cached<Documents[K]>(documentKey(kind, id), () => base.get(kind, id)),
    ids: (kind) => [...(cached(idsKey(kind), () => base.ids(kind)) ?? [])],
    events: (channelId, fromSeq, limit) => {
      const queue = cached<readonly SequencedEvent[]>(queueKey(channelId), () => {
        const all = base.events(channelId, 0, maxEvents + 1);
        return all.length > maxEvents ? undefined : all;
      });
      if (queue === undefined) return base.events(channelId, fromSeq, limit);
      return queue.filter((event) => event.seq >= fromSeq).slice(0, limit);
    },
    timer: (name) => base.timer(name),
    timersDue: (now, limit) => base.timersDue(now, limit),
    lastSeq: (channelId) => base.lastSeq(channelId),
    writing: (writes) => {
      const keys = keysOf(writes);
      for (const key of keys) {
        values.delete(key);
        written.set(key, (written.get(key) ?? 0) + 1);
      }
      return () => {
        for (const key of keys) {
          const others = (written.get(key) ?? 1) - 1;
          if (others > 0) written.set(key, others);
          else written.delete(key);
        }
      };
    },
  };
}

const documentKey = (kind: Kind, id: string): string => `document\n${kind}\n${id}`;
const idsKey = (kind: Kind): string => `ids\n${kind}`;
const queueKey = (channelId: string): string => `queue\n${channelId}`;

function keysOf({ documents, appended, trims }: WriteSet): Set<string> {
  const keys = new Set<string>();
  for (const { kind, id } of documents.values()) keys.add(documentKey(kind, id)).add(idsKey(kind));
  for (const channelId of [...appended.keys(), ...trims.keys()]) keys.add(queueKey(channelId));
  return keys;
}
