/**
 * The engine of many nodes, on Redis or Valkey (docs/adr/0019-redis-engine.md). A decision runs on what this node remembers, and one
 * function in Redis checks that all it has read is so, and then writes all of it, or says what is so, and the decision runs again:
 * 1. the decision runs; when it reads something that the node does not know, Redis is asked for that and the decision runs again;
 * 2. everything read and everything written goes to Redis in one call. The next decision builds on it without waiting, because one
 *    connection keeps the order: when the first does not hold, the second does not either;
 * 3. what was believed wrongly comes back, is remembered, and the decision runs again.
 */
import { randomUUID } from 'node:crypto';
import { RequestRefusedError } from '../errors.ts';
import { checkFormat, currentFormat, StoreFormatError } from './format.ts';
import { isRegistered, RedisCache, RedisLook } from './redisCache.ts';
import type { Cell, DueCell } from './redisCells.ts';
import type { RedisLink } from './redisLink.ts';
import type { Store } from './store.ts';
import { WriteSet } from './writeSet.ts';

/** What somebody else changed first, this often: then the request is refused with 503. */
const maxConflicts = 100;
const maxRuns = 1_000;
/** How long registrations are believed without asking, while other nodes can say that they have changed. */
const trustedMs = 1_000;
export const registrationTopic = 'registration';

export interface RedisStore extends Store {
  /** From now on registrations are asked for: one has changed, or news of changes may have been missed. */
  distrustRegistered(): void;
  /** Marks new data as this release's. @throws StoreFormatError when another one has written it */
  checkFormat(): Promise<void>;
}

type Outcome<T> = { readonly answer: T } | { readonly error: unknown };

/** @param now in milliseconds, for how long registrations are believed */
export function openRedisStore(link: RedisLink, now: () => number = Date.now): RedisStore {
  const cache = new RedisCache();
  const node = randomUUID().slice(0, 8);
  let commits = 0;

  /**
   * @param settle told whether the writes were done, before anything else changes
   * @returns the cells that are as Redis has them, and whether all of them were believed rightly (then the writes are done)
   */
  const call = async (
    cells: readonly Cell[],
    version = '',
    writes: readonly string[] = [],
    settle: (isWritten: boolean) => void = () => undefined,
  ) => {
    const checks = cells.flatMap((cell) => cell.check());
    const { registrations } = cache;
    const sentAt = cache.moment();
    let answer: (number | unknown[])[] = [];
    try {
      answer = (await link.call('commit', [version, ...checks, '|', ...writes])) as (number | unknown[])[];
    } catch (error) {
      settle(false);
      throw error;
    }
    settle(answer.length === 0);
    // An answer that a change of registrations has overtaken is true of the time before.
    const at = registrations === cache.registrations ? now() : 0;
    // What this node has changed meanwhile was not looked at.
    const confirmed = new Set(cells.filter((cell) => cell.changedAt <= sentAt));
    for (const cell of confirmed) cell.confirmedAt = at;
    for (let index = 0; index < answer.length; index += 2) {
      const cell = cells[answer[index] as number];
      if (cell === undefined) continue;
      cache.take(cell, answer[index + 1] as unknown[], at);
      confirmed.add(cell);
    }
    return { isRight: answer.length === 0, confirmed, moment: cache.moment() };
  };

  const run = async <T>(decide: (transaction: WriteSet) => T, mayTrust: boolean): Promise<T> => {
    const due = new Map<string, DueCell>();
    let seen: Awaited<ReturnType<typeof call>> | undefined;
    let conflicts = 0;
    for (let runs = 0; runs < maxRuns && conflicts < maxConflicts; runs += 1) {
      const look = new RedisLook(cache, due);
      const writes = new WriteSet(look);
      const outcome = outcomeOf(() => decide(writes));
      const cells = [...look.cells];
      if (look.isLacking) {
        seen = await call(cells);
        continue;
      }
      const isReading = 'error' in outcome || writes.isEmpty;
      if (isReading) {
        const { confirmed, moment } = seen ?? { confirmed: new Set<Cell>(), moment: 0 };
        if (cells.every((cell) => confirmed.has(cell) && cell.changedAt <= moment)) return settled(outcome);
        if (mayTrust && cells.every((cell) => cache.isTrusted(cell, now(), trustedMs))) return settled(outcome);
        seen = await call(cells);
      } else {
        commits += 1;
        const version = `${node}-${commits}`;
        let settle: (isWritten: boolean) => void = () => undefined;
        const sent = call(cells, version, writesOf(writes), (isWritten) => settle(isWritten));
        settle = cache.expect(writes, version);
        seen = await sent;
      }
      if (seen.isRight) return settled(outcome);
      conflicts += 1;
    }
    throw new RequestRefusedError(503, {
      message: 'Too many others changed the same at the same time',
      headers: { 'Retry-After': '1' },
    });
  };

  return {
    commit: (decide) => run(decide, false),
    read: (look) => run(look, true),
    distrustRegistered: () => cache.distrustRegistered(),
    checkFormat: async () => {
      const key = `${link.prefix}format`;
      await link.client.set(key, String(currentFormat), { condition: 'NX' });
      const found = Number(await link.client.get(key));
      checkFormat(found);
      // This release is the first one on Redis; a later one brings its migrations.
      if (found !== currentFormat)
        throw new StoreFormatError(`The data in Redis has format ${found}, not ${currentFormat}`);
    },
    close: async () => undefined,
  };
}

function outcomeOf<T>(decide: () => T): Outcome<T> {
  try {
    return { answer: decide() };
  } catch (error) {
    return { error };
  }
}

function settled<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error;
  return outcome.answer;
}

/** A write set as the arguments of the writes in redisFunctions.ts. */
function writesOf({ documents, appended, trims, timers, holds }: WriteSet): string[] {
  const found: string[] = [];
  const write = (name: string, ...args: readonly string[]) => found.push(name, String(args.length), ...args);
  let isRegistration = false;
  for (const { kind, id, document } of documents.values()) {
    if (document === undefined) write('delete', kind, id);
    else write('put', kind, id, JSON.stringify(document));
    isRegistration ||= isRegistered(kind);
  }
  for (const [channelId, events] of appended)
    for (const event of events) write('append', channelId, String(event.seq), JSON.stringify(event));
  for (const [channelId, through] of trims) {
    if (through >= Number.MAX_SAFE_INTEGER - 1) write('forget', channelId);
    else write('trim', channelId, String(through));
  }
  for (const [name, timer] of timers) {
    if (timer === undefined) write('unschedule', name);
    else write('schedule', name, String(timer.dueAt), JSON.stringify(timer));
  }
  for (const { channelId, token, seq, ms } of holds) write('hold', channelId, token, String(seq), String(ms));
  if (isRegistration) write('tell', registrationTopic, '');
  return found;
}
