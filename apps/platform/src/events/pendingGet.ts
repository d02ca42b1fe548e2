/**
 * The P-GETs that are being answered (reference/events.md 3): at most one a channel. It waits for news, for its time-out, or for the
 * end of the server; a newer one takes its place in whatever state it is, also when news has just woken it.
 */
import type { Clock } from '../clock.ts';
import type { Claims } from '../cluster/cluster.ts';
import type { Transaction } from '../store/store.ts';
import type { Wakes } from './wakes.ts';

export type Unparked = 'woken' | 'timeout' | 'replaced' | 'gone' | 'closing';

export interface ParkOptions {
  readonly timeoutMs: number;
  /** `PendingGet.news` before the caller looked and found nothing to deliver. */
  readonly news: number;
  /** Calls back when the connection is closed. @returns stops that */
  readonly onClose: (closed: () => void) => () => void;
  /** Builds its batch in the commit that brings news, as `ChannelReader.prepare`. */
  readonly prepare: (transaction: Transaction) => void;
}

export interface PendingGet {
  /** A newer one is there: this one has to be answered with 409. */
  readonly isReplaced: boolean;
  /** How often the channel had news while this one was not waiting. */
  readonly news: number;
  /** Waits, unless there was news since the caller looked. */
  park(options: ParkOptions): Promise<Unparked>;
  /** It is about to be answered. To be called once, whatever the answer. */
  leave(): void;
}

interface Current extends PendingGet {
  readonly priority: number;
  /** Among all nodes; known a little later than it is there. */
  claim: number | undefined;
  /** The newest claim of this channel that was heard of. */
  newestClaim: number;
  isReplaced: boolean;
  news: number;
  /** Set while it waits. */
  end: ((why: Unparked) => void) | undefined;
  prepare: ((transaction: Transaction) => void) | undefined;
}

export class PendingGets {
  readonly #clock: Clock;
  readonly #claims: Claims | undefined;
  readonly #current = new Map<string, Current>();
  #closing = false;

  /** @param claims when there are other nodes */
  constructor(clock: Clock, wakes: Wakes, claims?: Claims) {
    this.#clock = clock;
    this.#claims = claims;
    wakes.listen({
      prepare: (transaction, channelId) => this.#current.get(channelId)?.prepare?.(transaction),
      wake: (channelId) => tellNews(this.#current.get(channelId)),
      wakeAll: () => {
        for (const current of [...this.#current.values()]) tellNews(current);
      },
    });
    claims?.listen((channelId, claim) => {
      const current = this.#current.get(channelId);
      if (current === undefined) return;
      current.newestClaim = Math.max(current.newestClaim, claim);
      if (current.claim !== undefined && current.claim < claim) replace(current);
    });
  }

  /** GETs that are waiting or about to be answered, on this node. */
  get parked(): number {
    return this.#current.size;
  }

  /** On this node. */
  isParked(channelId: string): boolean {
    return this.#current.get(channelId)?.end !== undefined;
  }

  /** On any node. */
  async isAnyParked(channelIds: readonly string[]): Promise<boolean> {
    return (
      channelIds.some((channelId) => this.isParked(channelId)) ||
      (await this.#claims?.isAnyPending(channelIds)) === true
    );
  }

  /**
   * Makes room for a GET. One of the same or a lower priority ends as replaced.
   * @returns undefined when the new one has the lower priority and must go away itself
   */
  async admit(channelId: string, priority: number): Promise<PendingGet | undefined> {
    const earlier = this.#current.get(channelId);
    if (earlier !== undefined) {
      if (priority < earlier.priority) return undefined;
      replace(earlier);
    }
    const current: Current = {
      priority,
      claim: undefined,
      newestClaim: 0,
      isReplaced: false,
      news: 0,
      end: undefined,
      prepare: undefined,
      park: (options) => this.#park(current, options),
      leave: () => {
        if (this.#current.get(channelId) === current) this.#current.delete(channelId);
        if (current.claim !== undefined) this.#claims?.leave(channelId, current.claim);
      },
    };
    this.#current.set(channelId, current);
    return this.#claims === undefined ? current : this.#admitAmongNodes(this.#claims, channelId, current);
  }

  async #admitAmongNodes(claims: Claims, channelId: string, current: Current): Promise<PendingGet | undefined> {
    try {
      current.claim = await claims.claim(channelId, current.priority);
    } finally {
      if (current.claim === undefined) current.leave();
    }
    if (current.claim === undefined) return undefined;
    // A newer one may have been heard of before the number of this one was known.
    if (current.newestClaim > current.claim) replace(current);
    return current;
  }

  #park(current: Current, { timeoutMs, news, onClose, prepare }: ParkOptions): Promise<Unparked> {
    if (current.isReplaced) return Promise.resolve('replaced');
    if (this.#closing) return Promise.resolve('closing');
    if (current.news !== news) return Promise.resolve('woken');
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => end('timeout'), timeoutMs);
      const forget = onClose(() => end('gone'));
      const end = (why: Unparked): void => {
        current.end = undefined;
        current.prepare = undefined;
        this.#clock.clearTimeout(timer);
        forget();
        resolve(why);
      };
      current.end = end;
      current.prepare = prepare;
    });
  }

  /** Ends every wait at once; later ones do not wait. */
  close(): void {
    this.#closing = true;
    for (const current of [...this.#current.values()]) current.end?.('closing');
  }
}

function replace(current: Current): void {
  current.isReplaced = true;
  current.end?.('replaced');
}

function tellNews(current: Current | undefined): void {
  if (current?.end !== undefined) current.end('woken');
  else if (current !== undefined) current.news += 1;
}
