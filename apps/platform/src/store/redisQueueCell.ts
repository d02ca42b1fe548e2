/** What a node remembers of one channel in Redis: its end, and a window of its events once somebody has asked for them. */
import type { SequencedEvent } from '../model/channel.ts';
import { BaseCell, nothingKnown } from './redisCells.ts';

/** Most events in one answer; as in redisFunctions.ts. */
const answerLimit = 400;

export class QueueCell extends BaseCell {
  #tail = nothingKnown;
  #last = 0;
  #trimmed = 0;
  /** What is known without a gap: from `#first` through `#through`, without what is trimmed. */
  #events: SequencedEvent[] = [];
  #first = 1;
  #through = 0;
  #isRead = false;
  /** Commits that have changed this and are under way: their events are not certain. */
  #expected = 0;
  /** Where the next answer shall begin when the window does not hold what was asked for. */
  #wanted: number | undefined;
  readonly #channelId: string;

  constructor(channelId: string) {
    super();
    this.#channelId = channelId;
  }

  get isKnown(): boolean {
    return this.#tail !== nothingKnown;
  }

  get last(): number {
    return this.#last;
  }

  /** @returns undefined when Redis has to be asked first */
  eventsFrom(fromSeq: number, limit: number): SequencedEvent[] | undefined {
    this.#isRead = true;
    const first = Math.max(fromSeq, this.#trimmed + 1);
    if (this.isKnown && first > this.#last) return [];
    const isInside = first >= this.#first && Math.min(this.#last, first + limit - 1) <= this.#through;
    if (this.isKnown && isInside) return this.#events.filter((event) => event.seq >= first).slice(0, limit);
    this.#wanted = first >= this.#first && first <= this.#through ? this.#through + 1 : first;
    this.#tail = nothingKnown;
    return undefined;
  }

  check(): readonly string[] {
    const from = this.#wanted ?? (this.#isRead ? this.#through + 1 : undefined);
    return ['queue', '3', this.#channelId, this.#tail, from === undefined ? '' : String(from)];
  }

  take([tail, from, texts]: readonly unknown[]): void {
    this.#wanted = undefined;
    this.#setTail(String(tail));
    if (this.#expected > 0 || this.#through > this.#last) this.#restart(this.#last + 1);
    if (from === '') {
      if (!this.#isRead) this.#restart(this.#last + 1);
      return;
    }
    const events = (texts as string[]).map((text) => JSON.parse(text) as SequencedEvent);
    if (Number(from) < this.#first || Number(from) > this.#through + 1) this.#restart(Number(from));
    this.#events.push(...events.filter((event) => event.seq > this.#through));
    this.#through = Math.max(this.#through, events.length < answerLimit ? this.#last : (events.at(-1)?.seq ?? 0));
    this.#forgetTrimmed();
  }

  override settle(isTrue: boolean): void {
    this.#expected -= 1;
    super.settle(isTrue);
  }

  protected forget(): void {
    this.#tail = nothingKnown;
    this.#wanted = undefined;
    this.#restart(this.#last + 1);
  }

  /** What a commit under way writes. */
  append(events: readonly SequencedEvent[], version: string): void {
    this.#expected += 1;
    const wasWhole = this.#through === this.#last;
    this.#setTail(`${events.at(-1)?.seq ?? this.#last}:${this.#trimmed}:${version}`);
    if (!this.#isRead) this.#restart(this.#last + 1);
    else if (wasWhole) {
      this.#events.push(...events);
      this.#through = this.#last;
    }
  }

  trim(through: number, version: string): void {
    this.#expected += 1;
    const stop = Math.min(through, this.#last);
    if (stop <= this.#trimmed) return;
    this.#setTail(`${this.#last}:${stop}:${version}`);
    this.#forgetTrimmed();
  }

  #setTail(tail: string): void {
    const [last = '0', trimmed = '0'] = tail.split(':');
    this.#tail = tail;
    this.#last = Number(last);
    this.#trimmed = Number(trimmed);
  }

  #restart(first: number): void {
    this.#events = [];
    this.#first = first;
    this.#through = first - 1;
  }

  #forgetTrimmed(): void {
    if ((this.#events[0]?.seq ?? this.#last) <= this.#trimmed)
      this.#events = this.#events.filter((event) => event.seq > this.#trimmed);
  }
}
