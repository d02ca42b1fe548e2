/** What a load needs of the chats that somebody relays: of the platform or of the bare relay, no matter. */
import type { Side } from './mark.ts';
import type { ServerProcess } from './serverProcess.ts';

export interface Relay {
  /** Open chats; they are numbered from 0. */
  readonly size: number;
  /** Called with every message that reached the other side. */
  arrived: (chat: number, to: Side, sequence: number) => void;
  /** Rejects when anything breaks. */
  readonly failure: Promise<never>;
  /** Opens so many more chats, some at a time. Resolves with what each took until both could talk, ms. */
  add(count: number): Promise<number[]>;
  /** Sends a message; a refusal shows in `failure`. */
  say(chat: number, from: Side, sequence: number): void;
  /** Cuts the event channels of all. */
  cut(): void;
  reconnect(): void;
  /** Resolves when everything said was accepted and also reported wherever it must be. @throws Error when it is not */
  accounted(): Promise<void>;
  close(): Promise<void>;
}

export interface RelayOptions {
  /** 1: a meeting, a bridge and an agent a chat. */
  readonly chatsPerAgent: number;
  /** All send over a few connections: for more chats than there are file descriptors for. */
  readonly shareConnections: boolean;
}

export interface Target {
  readonly name: 'bare' | 'platform';
  readonly server: ServerProcess;
  open(options?: Partial<RelayOptions>): Promise<Relay>;
  stop(): Promise<void>;
}

export const defaultRelayOptions: RelayOptions = { chatsPerAgent: 1, shareConnections: false };

/** Connections that all share when they share. */
export const sharedConnections = 64;

/** How many chats are set up at the same time (the goal of the set-up is given at ten at a time). */
export const lanes = 10;

/** The first error that is noted, as a promise that rejects. */
export class Failure {
  readonly happened: Promise<never>;
  note: (error: Error) => void = () => {};

  constructor() {
    this.happened = new Promise<never>((_resolve, reject) => {
      this.note = reject;
    });
    this.happened.catch(() => {});
  }
}

/** Runs `work` for the numbers from `from` to below `to`, so many at a time. Results in order. */
export async function inLanes<T>(
  from: number,
  to: number,
  width: number,
  work: (index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < to) {
      const index = next;
      next += 1;
      results[index - from] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
