/** The engine of unit tests: nothing survives the process. */
import type { SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import type { Kind, Snapshot, Store } from './store.ts';
import { type Base, WriteSet } from './writeSet.ts';

interface State {
  readonly documents: Map<string, Map<string, unknown>>;
  readonly events: Map<string, SequencedEvent[]>;
  readonly lastSeqs: Map<string, number>;
  readonly timers: Map<string, Timer>;
}

export interface MemoryStore extends Store {
  /** The same as `read`, at once. */
  look<T>(look: (snapshot: Snapshot) => T): T;
}

/** A store without a disk; documents are copied on the way in, so nobody shares them by accident. */
export function openMemoryStore(): MemoryStore {
  const state: State = { documents: new Map(), events: new Map(), lastSeqs: new Map(), timers: new Map() };
  const base = baseOf(state);
  return {
    commit: async (decide) => {
      const writes = new WriteSet(base);
      const answer = decide(writes);
      apply(state, writes);
      return answer;
    },
    read: async (look) => look(base),
    look: (look) => look(base),
    close: async () => undefined,
  };
}

function baseOf(state: State): Base {
  return {
    get: <K extends Kind>(kind: K, id: string) => state.documents.get(kind)?.get(id) as Documents[K] | undefined,
    ids: (kind) => [...(state.documents.get(kind)?.keys() ?? [])].sort(),
    events: (channelId, fromSeq, limit) =>
      (state.events.get(channelId) ?? []).filter((event) => event.seq >= fromSeq).slice(0, limit),
    timer: (name) => state.timers.get(name),
    timersDue: (now, limit) =>
      [...state.timers.values()]
        .filter((timer) => timer.dueAt <= now)
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit),
    lastSeq: (channelId) => state.lastSeqs.get(channelId) ?? 0,
  };
}

function apply(state: State, writes: WriteSet): void {
  for (const { kind, id, document } of writes.documents.values()) {
    const documents = state.documents.get(kind) ?? new Map<string, unknown>();
    state.documents.set(kind, documents);
    if (document === undefined) documents.delete(id);
    else documents.set(id, structuredClone(document));
  }
  for (const [channelId, appended] of writes.appended) {
    state.events.set(channelId, [...(state.events.get(channelId) ?? []), ...appended]);
    state.lastSeqs.set(channelId, appended.at(-1)?.seq ?? 0);
  }
  for (const [channelId, through] of writes.trims) {
    state.events.set(
      channelId,
      (state.events.get(channelId) ?? []).filter((event) => event.seq > through),
    );
  }
  for (const [name, timer] of writes.timers) {
    if (timer === undefined) state.timers.delete(name);
    else state.timers.set(name, timer);
  }
}
