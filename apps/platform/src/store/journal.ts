/**
 * The journal of the embedded engine: what was committed and is not in LMDB yet. A record is written to the disk before its
 * commits are answered; LMDB follows in the background, so that what changes many times is written there once.
 *
 * Two files take turns. Each is written from its beginning and never made shorter, because overwriting is cheaper to sync than
 * growing. A file is begun anew when everything in it is in LMDB.
 * A record: length of the text in bytes, checksum, number (64 bit), text. Numbers have no gaps, so the leftovers of an earlier turn
 * are told from what is new.
 */
import { closeSync, constants, existsSync, openSync, readFileSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { makePrivate, syncFolder } from './privateFiles.ts';

const writeAt = promisify(write);
const headerBytes = 16;
/** UTF-8 of one unit of a JavaScript string. */
const maxBytesPerUnit = 3;
/** The journal's other file is begun when this one is longer. */
const turnBytes = 16 * 1024 * 1024;

export const journalFiles = ['journal.0', 'journal.1'] as const;

/** The journal and LMDB do not belong together. */
export class JournalGapError extends Error {
  override readonly name = 'JournalGapError';
  readonly code = 'JournalGap';
  readonly retryable = false;
}

interface JournalRecord {
  readonly number: number;
  readonly text: string;
}

interface Place {
  readonly file: 0 | 1;
  readonly offset: number;
}

/**
 * The records behind `after`, in order. A record that was cut off by the end of the process is none: it was never answered.
 * @throws JournalGapError when records are missing
 */
export function readJournal(folder: string, after: number): { records: JournalRecord[]; end: Place } {
  const found = ([0, 1] as const).map((file) => ({ file, ...readFile(join(folder, journalFiles[file])) }));
  const [, newest] = found.toSorted((a, b) => (a.records[0]?.number ?? 0) - (b.records[0]?.number ?? 0));
  const records = found
    .flatMap((one) => one.records)
    .filter(({ number }) => number > after)
    .toSorted((a, b) => a.number - b.number);
  const gap = records.findIndex(({ number }, index) => number !== after + 1 + index);
  if (gap !== -1) throw new JournalGapError(`Record ${after + 1 + gap} of the journal is missing`);
  // Nothing is needed: what is left over may be from before a restore, whose numbers do not lead on to the next one.
  if (records.length === 0 || newest === undefined) return { records, end: { file: 0, offset: 0 } };
  return { records, end: { file: newest.file, offset: newest.bytes } };
}

function readFile(path: string): { records: JournalRecord[]; bytes: number } {
  const records: JournalRecord[] = [];
  if (!existsSync(path)) return { records, bytes: 0 };
  const bytes = readFileSync(path);
  let offset = 0;
  while (offset + headerBytes <= bytes.length) {
    const length = bytes.readUInt32LE(offset);
    const number = Number(bytes.readBigUInt64LE(offset + 8));
    const end = offset + headerBytes + length;
    const previous = records.at(-1)?.number;
    if (length === 0 || end > bytes.length || (previous !== undefined && number !== previous + 1)) break;
    if (crc32(bytes.subarray(offset + 8, end)) !== bytes.readUInt32LE(offset + 4)) break;
    records.push({ number, text: bytes.toString('utf8', offset + headerBytes, end) });
    offset = end;
  }
  return { records, bytes: offset };
}

export class Journal {
  readonly #descriptors: readonly [number, number];
  /** Number of the last record in each file. */
  readonly #lastIn: [number, number] = [0, 0];
  #file: 0 | 1;
  #offset: number;
  #last: number;
  /** For the record that is being written: there is only one at a time. */
  #buffer = Buffer.alloc(64 * 1024);
  #stored: number;
  /** Bytes of the last record, if the disk has refused it; otherwise 0. */
  #refusedBytes = 0;
  #isAppending = false;
  /** Tries whether the disk takes as much again. */
  #trial: Promise<void> | undefined;

  /**
   * @param end where the next record goes
   * @param last number of the last record; everything up to it is in LMDB and on the disk, or will be before `stored` says so
   * @throws when the files cannot be opened
   */
  constructor(folder: string, end: Place, last: number) {
    // O_DSYNC: a write returns when it is on the disk; one call instead of two.
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC;
    const descriptorOf = (name: string): number => openSync(join(folder, name), flags, 0o600);
    this.#descriptors = [descriptorOf(journalFiles[0]), descriptorOf(journalFiles[1])];
    for (const name of journalFiles) makePrivate(join(folder, name));
    // O_DSYNC is about what is in a file; that the file is there is in the folder.
    syncFolder(folder);
    this.#file = end.file;
    this.#offset = end.offset;
    this.#last = last;
    this.#stored = 0;
    this.#lastIn = [last, last];
  }

  /** Number of the last record. */
  get last(): number {
    return this.#last;
  }

  /** Whether LMDB should catch up now, so that a file can be begun anew. */
  get isLong(): boolean {
    return this.#offset > turnBytes;
  }

  /**
   * Writes one record. To be called one after another; a write that failed leaves no trace.
   * @throws when the disk refuses
   */
  async append(text: string): Promise<void> {
    if (this.#trial !== undefined) await this.#trial.catch(() => undefined);
    if (this.#offset > turnBytes) this.#turn();
    const number = this.#last + 1;
    const record = this.#recordOf(number, text);
    this.#isAppending = true;
    try {
      await this.#write(record);
      this.#refusedBytes = 0;
    } catch (error) {
      this.#refusedBytes = record.length;
      throw error;
    } finally {
      this.#isAppending = false;
    }
    this.#offset += record.length;
    this.#last = number;
    this.#lastIn[this.#file] = number;
  }

  /**
   * After a refused record: whether the disk takes as many bytes at that place now.
   * @throws when it does not, or when the next record is on its way and nobody knows yet
   */
  async check(): Promise<void> {
    if (this.#refusedBytes === 0) return;
    if (this.#isAppending) throw new Error('The last record was refused');
    // Zeros are no record: the journal ends before them.
    this.#trial ??= this.#write(Buffer.alloc(this.#refusedBytes)).finally(() => {
      this.#trial = undefined;
    });
    await this.#trial;
    this.#refusedBytes = 0;
  }

  async #write(bytes: Buffer): Promise<void> {
    const descriptor = this.#descriptors[this.#file];
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await writeAt(descriptor, bytes, done, bytes.length - done, this.#offset + done);
      done += bytesWritten;
    }
  }

  /** Everything up to this record is in LMDB and on the disk. */
  stored(number: number): void {
    this.#stored = number;
  }

  close(): void {
    for (const descriptor of this.#descriptors) closeSync(descriptor);
  }

  #recordOf(number: number, text: string): Buffer {
    const most = headerBytes + text.length * maxBytesPerUnit;
    if (most > this.#buffer.length) this.#buffer = Buffer.alloc(most);
    const end = headerBytes + this.#buffer.write(text, headerBytes);
    this.#buffer.writeUInt32LE(end - headerBytes, 0);
    this.#buffer.writeBigUInt64LE(BigInt(number), 8);
    const record = this.#buffer.subarray(0, end);
    record.writeUInt32LE(crc32(record.subarray(8)), 4);
    return record;
  }

  /** To the other file, if nothing in it is needed any more; otherwise this one grows on. */
  #turn(): void {
    const other = this.#file === 0 ? 1 : 0;
    if (this.#lastIn[other] > this.#stored) return;
    this.#file = other;
    this.#offset = 0;
  }
}
