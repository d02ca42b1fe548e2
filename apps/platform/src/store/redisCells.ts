/**
 * What a node remembers of the store in Redis, in cells: one document, one set of ids, one timer; a channel is in redisQueueCell.ts.
 * A cell says what the node believes, so that Redis can check it, and takes what is so. A wrong one costs a round trip, nothing else.
 */
import type { Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import type { Kind } from './store.ts';

/** No version of anything. */
export const nothingKnown = '?';

export interface Cell {
  readonly isKnown: boolean;
  /** What is believed, as the arguments of a check in redisFunctions.ts. */
  check(): readonly string[];
  /** Takes what is so. */
  take(answer: readonly unknown[]): void;
  /** What was expected of a commit has come true, or has not. */
  settle(isTrue: boolean): void;
  /** Order of the last change. */
  changedAt: number;
  /** When Redis said last that it is so, in milliseconds. */
  confirmedAt: number;
}

export abstract class BaseCell implements Cell {
  changedAt = 0;
  confirmedAt = 0;
  abstract readonly isKnown: boolean;
  abstract check(): readonly string[];
  abstract take(answer: readonly unknown[]): void;

  settle(isTrue: boolean): void {
    if (!isTrue) this.forget();
  }

  /** Redis has to be asked. */
  protected abstract forget(): void;
}

export class DocumentCell<K extends Kind = Kind> extends BaseCell {
  #version = nothingKnown;
  #text: string | undefined;
  #document: Documents[K] | undefined;
  readonly #kind: K;
  readonly #id: string;

  constructor(kind: K, id: string) {
    super();
    this.#kind = kind;
    this.#id = id;
  }

  get isKnown(): boolean {
    return this.#version !== nothingKnown;
  }

  get document(): Documents[K] | undefined {
    if (this.#text !== undefined) this.#document = JSON.parse(this.#text) as Documents[K];
    this.#text = undefined;
    return this.#document;
  }

  check(): readonly string[] {
    return ['document', '3', this.#kind, this.#id, this.#version];
  }

  take([value]: readonly unknown[]): void {
    const text = String(value);
    const end = text.indexOf('\n');
    if (end === -1) this.set('0', undefined);
    else this.set(text.slice(0, end), text.slice(end + 1));
  }

  /** What is not known is taken for missing; the check of the commit tells when it is not. */
  guessMissing(): void {
    if (!this.isKnown) this.set('0', undefined);
  }

  protected forget(): void {
    this.set(nothingKnown, undefined);
  }

  set(version: string, text: string | undefined): void {
    this.#version = version;
    this.#text = text;
    this.#document = undefined;
  }
}

export class IdsCell extends BaseCell {
  #version = nothingKnown;
  #ids: string[] = [];
  readonly #kind: Kind;

  constructor(kind: Kind) {
    super();
    this.#kind = kind;
  }

  get isKnown(): boolean {
    return this.#version !== nothingKnown;
  }

  get ids(): string[] {
    return [...this.#ids];
  }

  check(): readonly string[] {
    return ['ids', '2', this.#kind, this.#version];
  }

  protected forget(): void {
    this.#version = nothingKnown;
  }

  take([version, ids]: readonly unknown[]): void {
    this.#version = String(version);
    this.#ids = (ids as string[]).toSorted();
  }
}

export class TimerCell extends BaseCell {
  #text = nothingKnown;
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  get isKnown(): boolean {
    return this.#text !== nothingKnown;
  }

  get timer(): Timer | undefined {
    return this.#text === '' ? undefined : (JSON.parse(this.#text) as Timer);
  }

  check(): readonly string[] {
    return ['timer', '2', this.#name, this.#text];
  }

  protected forget(): void {
    this.#text = nothingKnown;
  }

  take([text]: readonly unknown[]): void {
    this.#text = String(text);
  }

  set(timer: Timer | undefined): void {
    this.#text = timer === undefined ? '' : JSON.stringify(timer);
  }
}

/** The timers that are due at a time. */
export class DueCell extends BaseCell {
  #text = nothingKnown;
  readonly #through: number;
  readonly #limit: number;

  constructor(through: number, limit: number) {
    super();
    this.#through = through;
    this.#limit = limit;
  }

  get isKnown(): boolean {
    return this.#text !== nothingKnown;
  }

  get timers(): Timer[] {
    return this.#text === '' ? [] : this.#text.split('\n').map((text) => JSON.parse(text) as Timer);
  }

  check(): readonly string[] {
    return ['due', '3', String(this.#through), String(this.#limit), this.#text];
  }

  protected forget(): void {
    this.#text = nothingKnown;
  }

  take([text]: readonly unknown[]): void {
    this.#text = String(text);
  }
}

/** The first place of a channel that an unanswered request holds back. */
export class HeldCell extends BaseCell {
  #text = nothingKnown;
  readonly #channelId: string;

  constructor(channelId: string) {
    super();
    this.#channelId = channelId;
  }

  get isKnown(): boolean {
    return this.#text !== nothingKnown;
  }

  get from(): number | undefined {
    return this.#text === '' ? undefined : Number(this.#text);
  }

  check(): readonly string[] {
    return ['held', '2', this.#channelId, this.#text];
  }

  protected forget(): void {
    this.#text = nothingKnown;
  }

  take([text]: readonly unknown[]): void {
    this.#text = String(text);
  }
}
