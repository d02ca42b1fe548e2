/** The cells of one node. What was used longest ago goes first. */
import type { SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import { type Cell, DocumentCell, DueCell, HeldCell, IdsCell, TimerCell } from './redisCells.ts';
import { QueueCell } from './redisQueueCell.ts';
import type { Kind } from './store.ts';
import { type Base, isWrittenOnce, type WriteSet } from './writeSet.ts';

const maxCells = 50_000;
/** What is trimmed like this is a channel that ends. */
const wholeChannel = Number.MAX_SAFE_INTEGER - 1;
/** What an operator registers. Read with every request and written hardly ever. */
const registered: ReadonlySet<Kind> = new Set<Kind>(['tenant', 'serviceClient', 'endpoint', 'person']);
/** What is looked up with every operation, in case that it is there: not worth a question of its own. */
const seldomThere: ReadonlySet<Kind> = new Set<Kind>(['receipt', 'pendingOperation']);
export const isRegistered = (kind: Kind): boolean => registered.has(kind);

export class RedisCache {
  readonly #cells = new Map<string, Cell>();
  /** Cells that may be believed for a while without asking. */
  readonly #registered = new Set<Cell>();
  #changes = 0;
  /** How often registrations have changed somewhere. */
  registrations = 0;

  document<K extends Kind>(kind: K, id: string): DocumentCell<K> {
    const cell = this.#cell(`document\n${kind}\n${id}`, () => new DocumentCell(kind, id));
    if (seldomThere.has(kind)) cell.guessMissing();
    if (isRegistered(kind)) this.#registered.add(cell);
    return cell;
  }

  ids(kind: Kind): IdsCell {
    const cell = this.#cell(`ids\n${kind}`, () => new IdsCell(kind));
    if (isRegistered(kind)) this.#registered.add(cell);
    return cell;
  }

  queue(channelId: string): QueueCell {
    return this.#cell(`queue\n${channelId}`, () => new QueueCell(channelId));
  }

  timer(name: string): TimerCell {
    return this.#cell(`timer\n${name}`, () => new TimerCell(name));
  }

  held(channelId: string): HeldCell {
    return this.#cell(`held\n${channelId}`, () => new HeldCell(channelId));
  }

  #cell<C extends Cell>(key: string, make: () => C): C {
    const cell = (this.#cells.get(key) as C | undefined) ?? make();
    this.#cells.delete(key);
    this.#cells.set(key, cell);
    if (this.#cells.size > maxCells) this.#evict();
    return cell;
  }

  #evict(): void {
    const [oldest] = this.#cells;
    if (oldest === undefined) return;
    this.#cells.delete(oldest[0]);
    this.#registered.delete(oldest[1]);
  }

  /** A moment: what changes later has a higher number. */
  moment(): number {
    this.#changes += 1;
    return this.#changes;
  }

  /** Redis says what is so. @param now in milliseconds */
  take(cell: Cell, answer: readonly unknown[], now: number): void {
    cell.take(answer);
    cell.changedAt = this.moment();
    cell.confirmedAt = now;
  }

  isTrusted(cell: Cell, now: number, trustedMs: number): boolean {
    return this.#registered.has(cell) && now - cell.confirmedAt < trustedMs;
  }

  /** Something was registered by another node. */
  distrustRegistered(): void {
    this.registrations += 1;
    for (const cell of this.#registered) cell.confirmedAt = 0;
  }

  /**
   * Takes a write set that was sent and not yet confirmed, so that the next decision builds on it. Redis runs both in this order;
   * when the first one does not hold, neither does the second.
   * @returns to be called when it is known whether it was written
   */
  expect(writes: WriteSet, version: string): (isWritten: boolean) => void {
    const changed: Cell[] = [];
    const change = <C extends Cell>(cell: C | undefined, how: (cell: C) => void): void => {
      if (cell === undefined) return;
      how(cell);
      cell.changedAt = this.moment();
      cell.confirmedAt = 0;
      changed.push(cell);
    };
    for (const { kind, id, document } of writes.documents.values()) {
      // Whether it is new is not worth a look: sets of ids are read for what is hardly ever written.
      this.#cells.delete(`ids\n${kind}`);
      const text = document === undefined ? undefined : JSON.stringify(document);
      const cell = isWrittenOnce(kind) ? this.#known(`document\n${kind}\n${id}`) : this.document(kind, id);
      change(cell as DocumentCell | undefined, (one) => one.set(text === undefined ? '0' : version, text));
    }
    for (const [channelId, events] of writes.appended) {
      change(this.#known(`queue\n${channelId}`) as QueueCell | undefined, (cell) => cell.append(events, version));
    }
    for (const [channelId, through] of writes.trims) {
      if (through >= wholeChannel) this.#cells.delete(`queue\n${channelId}`);
      else change(this.#known(`queue\n${channelId}`) as QueueCell | undefined, (cell) => cell.trim(through, version));
    }
    for (const [name, timer] of writes.timers)
      change(this.#known(`timer\n${name}`) as TimerCell | undefined, (cell) => cell.set(timer));
    return (isWritten) => {
      for (const cell of changed) {
        cell.settle(isWritten);
        if (!isWritten) cell.changedAt = this.moment();
      }
    };
  }

  #known(key: string): Cell | undefined {
    const cell = this.#cells.get(key);
    return cell?.isKnown === true ? cell : undefined;
  }
}

/** Thrown through a decision that reads what this node does not know. It is run again when it is known. */
export class UnknownCellError extends Error {
  override readonly name = 'UnknownCellError';
}

/** What one run of a decision reads. */
export class RedisLook implements Base {
  readonly cells = new Set<Cell>();
  readonly #cache: RedisCache;
  readonly #due: Map<string, DueCell>;
  isLacking = false;

  /** @param due timers that this commit has asked for; they are not worth remembering */
  constructor(cache: RedisCache, due: Map<string, DueCell>) {
    this.#cache = cache;
    this.#due = due;
  }

  #read<C extends Cell>(cell: C): C {
    this.cells.add(cell);
    return cell.isKnown ? cell : this.#lack();
  }

  #lack(): never {
    this.isLacking = true;
    throw new UnknownCellError();
  }

  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined {
    return this.#read(this.#cache.document(kind, id)).document;
  }

  ids(kind: Kind): string[] {
    return this.#read(this.#cache.ids(kind)).ids;
  }

  events(channelId: string, fromSeq: number, limit: number): SequencedEvent[] {
    const cell = this.#cache.queue(channelId);
    this.cells.add(cell);
    return cell.eventsFrom(fromSeq, limit) ?? this.#lack();
  }

  lastSeq(channelId: string): number {
    return this.#read(this.#cache.queue(channelId)).last;
  }

  timer(name: string): Timer | undefined {
    return this.#read(this.#cache.timer(name)).timer;
  }

  timersDue(now: number, limit: number): Timer[] {
    const key = `${now}\n${limit}`;
    const cell = this.#due.get(key) ?? new DueCell(now, limit);
    this.#due.set(key, cell);
    return this.#read(cell).timers;
  }

  heldFrom(channelId: string): number | undefined {
    return this.#read(this.#cache.held(channelId)).from;
  }
}
