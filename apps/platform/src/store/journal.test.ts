import type * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Journal, JournalGapError, journalFiles, readJournal } from './journal.ts';

const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const { promisify } = await import('node:util');
  const write = promisify(real.write);
  const refusing = async (...given: Parameters<typeof write>) => {
    if (disk.isFull) throw new Error('no room');
    return write(...given);
  };
  return { ...real, write: Object.assign(() => undefined, { [promisify.custom]: refusing }) };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridgedesk-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Continues where the journal ends, as a start does. */
function open(after = 0): { journal: Journal; texts: string[] } {
  const { records, end } = readJournal(folder, after);
  return { journal: new Journal(folder, end, records.at(-1)?.number ?? after), texts: records.map(({ text }) => text) };
}

/** @returns the texts that a start finds, when LMDB has everything up to `after` */
function found(after = 0): string[] {
  return readJournal(folder, after).records.map(({ text }) => text);
}

async function write(journal: Journal, ...texts: string[]): Promise<void> {
  for (const text of texts) await journal.append(text);
}

test('what was written is found again, in order, over several starts', async () => {
  for (const [texts, before] of [
    [['one\n', 'zwölf Boxkämpfer 🥊'], []],
    [['three'], ['one\n', 'zwölf Boxkämpfer 🥊']],
  ] as const) {
    const { journal, texts: earlier } = open();
    expect(earlier).toEqual(before);
    await write(journal, ...texts);
    journal.close();
  }
  expect(found()).toEqual(['one\n', 'zwölf Boxkämpfer 🥊', 'three']);
  expect(found(2)).toEqual(['three']);
  expect(found(3)).toEqual([]);
});

test('a record that was cut off, or is damaged, was never answered and ends the journal', async () => {
  const { journal } = open();
  await write(journal, 'first', 'second');
  journal.close();
  const path = join(folder, journalFiles[0]);
  const whole = readFileSync(path);
  truncateSync(path, whole.length - 1);
  expect(found()).toEqual(['first']);
  const damaged = Buffer.from(whole);
  damaged.writeUInt8((damaged.at(-1) ?? 0) ^ 1, damaged.length - 1);
  writeFileSync(path, damaged);
  expect(found()).toEqual(['first']);
  const { journal: next } = open();
  await write(next, 'second again');
  next.close();
  expect(found()).toEqual(['first', 'second again']);
});

test('a missing record is not passed over in silence', async () => {
  const { journal } = open(5);
  await write(journal, 'sixth');
  journal.close();
  expect(found(5)).toEqual(['sixth']);
  expect(() => found(4)).toThrow(JournalGapError);
});

test('the files take turns, and neither is begun anew before LMDB has what is in it', async () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const { journal } = open();
  for (let count = 0; count < 40; count += 1) await journal.append(`${count + 1} ${megabyte}`);
  // Nothing was stored: all of it is still there, in files as long as it takes.
  expect(found().map((text) => Number(text.split(' ')[0]))).toEqual(
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  journal.stored(40);
  for (let count = 40; count < 80; count += 1) {
    await journal.append(`${count + 1} ${megabyte}`);
    journal.stored(count + 1);
  }
  expect(readFileSync(join(folder, journalFiles[1])).length).toBeLessThan(45 * megabyte.length);
  const { records } = readJournal(folder, 75);
  expect(records.map(({ number }) => number)).toEqual([76, 77, 78, 79, 80]);
  journal.close();
});

test('leftovers from before a restore are not taken for what comes after it', async () => {
  const before = open();
  await write(before.journal, 'one', 'two', 'three');
  before.journal.close();
  const after = open(10);
  expect(after.texts).toEqual([]);
  await write(after.journal, 'ele');
  after.journal.close();
  expect(found(10)).toEqual(['ele']);
});

test('a refused record leaves no trace; the check says when the disk takes as much again', async () => {
  const { journal } = open();
  await write(journal, 'one');
  await journal.check();
  disk.isFull = true;
  await expect(journal.append('two')).rejects.toThrow();
  await expect(journal.check()).rejects.toThrow();
  disk.isFull = false;
  await journal.check();
  expect(found()).toEqual(['one']);
  await write(journal, 'two again');
  journal.close();
  expect(found()).toEqual(['one', 'two again']);
});
