/**
 * Group commit: decisions run at once, one upon the other, and what they have written since the last sync goes to the disk together.
 * 1. A decision sees everything decided before it, synced or not; a reader sees what is on the disk.
 * 2. While one group is being synced the next one gathers; one sync at a time.
 * 3. A commit is answered when its group, and so everything that it was decided upon, is on the disk. When the disk refuses,
 *    the group and what was decided upon it fail together, and the state is the one before.
 */
import type { Transaction } from './store.ts';
import { type Base, WriteSet } from './writeSet.ts';

/** The state on the disk. */
export interface DurableState extends Base {
  /** Takes over a group that is on the disk now. */
  apply(writes: WriteSet): void;
}

/** Brings a group to the disk. @throws when the disk refuses; nothing of the group is kept then */
type Sync = (writes: WriteSet) => Promise<void>;

interface Group {
  readonly writes: WriteSet;
  /** Settles when the group is on the disk, or is not going to be. */
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #durable: DurableState;
  readonly #sync: Sync;
  #gathering: Group;
  #syncing: Group | undefined;
  #scheduled = false;

  constructor(durable: DurableState, sync: Sync) {
    this.#durable = durable;
    this.#sync = sync;
    this.#gathering = openGroup(durable);
  }

  /** @throws what the decision throws, or the disk's error */
  async commit<T>(decide: (transaction: Transaction) => T): Promise<T> {
    const writes = new WriteSet(this.#gathering.writes);
    try {
      const answer = decide(writes);
      if (!writes.isEmpty) {
        this.#gathering.writes.absorb(writes);
        this.#schedule();
      }
      return answer;
    } finally {
      // Also an answer that writes nothing, or a refusal, may rest on what is not synced yet.
      await this.settled();
    }
  }

  /** Resolves when everything that was decided until now is on the disk. */
  settled(): Promise<void> | undefined {
    if (!this.#gathering.writes.isEmpty) return this.#gathering.done;
    return this.#syncing?.done;
  }

  /** In the next turn of the event loop, so that all requests that came in with this one share the sync. */
  #schedule(): void {
    if (this.#scheduled || this.#syncing !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#syncGroup();
    });
  }

  /** Does not throw: whoever waits for the group is told. */
  async #syncGroup(): Promise<void> {
    const group = this.#gathering;
    this.#syncing = group;
    this.#gathering = openGroup(group.writes);
    try {
      await this.#sync(group.writes);
      this.#durable.apply(group.writes);
      this.#gathering.writes.rebase(this.#durable);
      group.resolve();
    } catch (error) {
      const dependent = this.#gathering;
      this.#gathering = openGroup(this.#durable);
      group.reject(error);
      dependent.reject(error);
    }
    this.#syncing = undefined;
    if (!this.#gathering.writes.isEmpty) this.#schedule();
  }
}

function openGroup(base: Base): Group {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const done = new Promise<void>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  // A group that nobody waits for may fail unheard.
  done.catch(() => undefined);
  return { writes: new WriteSet(base), done, resolve, reject };
}
