/**
 * The P-GETs that are being answered (reference/events.md 3): at most one a channel. It waits for news, for its time-out, or for the
 * end of the server; a newer one takes its place in whatever state it is, also when news has just woken it.
 */
import type { Clock } from '../clock.ts';
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
  isReplaced: boolean;
  news: number;
  /** Set while it waits. */
  end: ((why: Unparked) => void) | undefined;
  prepare: ((transaction: Transaction) => void) | undefined;
}

export class PendingGets {
  readonly #clock: Clock;
  readonly #current = new Map<string, Current>();
  #closing = false;

  constructor(clock: Clock, wakes: Wakes) {
    this.#clock = clock;
    wakes.listen({
      prepare: (transaction, channelId) => this.#current.get(channelId)?.prepare?.(transaction),
      wake: (channelId) => {
        const current = this.#current.get(channelId);
        if (current?.end !== undefined) current.end('woken');
        else if (current !== undefined) current.news += 1;
      },
    });
  }

  isParked(channelId: string): boolean {
    return this.#current.get(channelId)?.end !== undefined;
  }

  /**
   * Makes room for a GET. One of the same or a lower priority ends as replaced.
   * @returns undefined when the new one has the lower priority and must go away itself
   */
  admit(channelId: string, priority: number): PendingGet | undefined {
    const earlier = this.#current.get(channelId);
    if (earlier !== undefined) {
      if (priority < earlier.priority) return undefined;
      earlier.isReplaced = true;
      earlier.end?.('replaced');
    }
    const current: Current = {
      priority,
      isReplaced: false,
      news: 0,
      end: undefined,
      prepare: undefined,
      park: (options) => this.#park(current, options),
      leave: () => {
        if (this.#current.get(channelId) === current) this.#current.delete(channelId);
      },
    };
    this.#current.set(channelId, current);
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
