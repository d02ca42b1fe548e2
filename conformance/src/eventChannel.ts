/** The long poll of a UCWA client: asks, records, follows `next`; keeps the raw answers. */
import { type EventBatch, EventLog } from './eventLog.ts';
import { type Answer, send } from './wire.ts';

export interface EventChannel {
  readonly log: EventLog;
  readonly answers: Answer[];
  /** Ends the poll that is parked and asks no more. */
  stop(): Promise<void>;
  /** The href that would be asked next. */
  position(): string;
}

export interface ChannelOptions {
  readonly name: string;
  readonly eventsUrl: string;
  readonly token: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts polling at once. A refusal ends the loop and stays the last of `answers`. */
export function openEventChannel(options: ChannelOptions): EventChannel {
  const log = new EventLog(options.name);
  const answers: Answer[] = [];
  const stopping = new AbortController();
  let position = options.eventsUrl;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const answer = await send('GET', position, {
        token: options.token,
        signal: stopping.signal,
        deadlineMs: 190_000,
        ...(options.headers ? { headers: options.headers } : {}),
      });
      answers.push(answer);
      if (answer.status !== 200) return;
      const batch = answer.resource as unknown as EventBatch;
      const following = batch._links?.next ?? batch._links?.resume ?? batch._links?.resync;
      if (following === undefined) return;
      position = new URL(following.href, position).href;
      log.add(batch);
    }
  };
  const running = loop().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    log,
    answers,
    position: () => position,
    stop: async () => {
      stopping.abort();
      // A loop that failed before this has been reported by then as an unhandled rejection.
      await running.catch(() => {});
    },
  };
}
