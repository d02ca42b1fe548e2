/** An event channel with acknowledge and replay, as reference/events.md 3 describes the P-GET. */
import type { WireEvent } from '@repo/ucwa-protocol/events';
import type { Clock } from '../clock.ts';
import { type FakeAnswer, type FakeRequest, refusal } from './fakeHttp.ts';

export interface FakeEvent {
  readonly sender: { readonly rel: string; readonly href: string };
  readonly event: WireEvent;
}

export type FakeChannel = ReturnType<typeof createFakeChannel>;

export function createFakeChannel({ clock, eventsPath }: { readonly clock: Clock; readonly eventsPath: string }) {
  let generation = 1;
  let nextAck = 1;
  let waiting: FakeEvent[] = [];
  let lastBatch: { readonly ack: number; readonly answer: FakeAnswer } | undefined;
  let parked: ((answer: FakeAnswer) => void) | undefined;
  let rebuilt = false;
  let batchLimit = Number.POSITIVE_INFINITY;

  const hrefOf = (ack: number) => `${eventsPath}?ack=${ack}&key=k${generation}`;

  function build(): FakeAnswer {
    const ack = nextAck;
    const events = waiting.slice(0, batchLimit);
    waiting = waiting.slice(events.length);
    const self = { href: hrefOf(ack) };
    if (rebuilt) {
      rebuilt = false;
      generation += 1;
      nextAck = 1;
      lastBatch = undefined;
      return { status: 200, body: { _links: { self, resume: { href: hrefOf(1) } }, sender: senders(events) } };
    }
    nextAck = ack + 1;
    const answer = {
      status: 200,
      body: { _links: { self, next: { href: hrefOf(nextAck) } }, sender: senders(events) },
    };
    lastBatch = { ack, answer };
    return answer;
  }

  function wake(): void {
    if (!parked || waiting.length === 0) return;
    const answerParked = parked;
    parked = undefined;
    answerParked(build());
  }

  function replace(): void {
    const answerParked = parked;
    parked = undefined;
    answerParked?.(refusal(409, 'Conflict', 'PGetReplaced'));
  }

  async function park(request: FakeRequest): Promise<FakeAnswer> {
    const seconds = Number(request.query.get('timeout') ?? 180);
    return new Promise((resolve) => {
      const finish = (answer: FakeAnswer) => {
        clock.clearTimeout(timer);
        request.signal?.removeEventListener('abort', drop);
        resolve(answer);
      };
      const drop = () => {
        clock.clearTimeout(timer);
        if (parked === finish) parked = undefined;
      };
      const timer = clock.setTimeout(() => {
        parked = undefined;
        finish(build());
      }, seconds * 1000);
      request.signal?.addEventListener('abort', drop, { once: true });
      parked = finish;
    });
  }

  return {
    /** The `events` href of the application. */
    href: () => hrefOf(1),
    /** Events become visible one turn later, after the answer of the request that caused them. */
    push(...events: readonly FakeEvent[]): void {
      waiting.push(...events);
      void Promise.resolve().then(wake);
    },
    get(request: FakeRequest): FakeAnswer | Promise<FakeAnswer> {
      const ack = Number(request.query.get('ack'));
      const isCurrent = request.query.get('key') === `k${generation}`;
      if (isCurrent && ack === lastBatch?.ack) return lastBatch.answer;
      if (!isCurrent || ack !== nextAck) {
        const self = { href: hrefOf(ack) };
        return { status: 200, body: { _links: { self, resync: { href: hrefOf(lastBatch?.ack ?? nextAck) } } } };
      }
      // Also when events are there: the older request must not be answered with the batch after this one.
      replace();
      return waiting.length > 0 || rebuilt ? build() : park(request);
    },
    lastAnswer: (): FakeAnswer | undefined => lastBatch?.answer,
    /** The server lost transient state: the next answer carries `resume`. */
    rebuild(): void {
      rebuilt = true;
    },
    /** At most so many events a batch. */
    limitBatches(limit: number): void {
      batchLimit = limit;
    },
    /** True while a client's request is held. */
    isParked: (): boolean => parked !== undefined,
    /** The parked request, if any, is told that a newer one took its place. */
    replace,
  };
}

/** Neighbours of one sender share a block. */
function senders(events: readonly FakeEvent[]): { rel: string; href: string; events: WireEvent[] }[] {
  const blocks: { rel: string; href: string; events: WireEvent[] }[] = [];
  for (const { sender, event } of events) {
    const last = blocks.at(-1);
    if (last?.href === sender.href) last.events.push(event);
    else blocks.push({ ...sender, events: [event] });
  }
  return blocks;
}
