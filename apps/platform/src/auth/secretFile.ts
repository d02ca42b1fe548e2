/** Secrets that are made at the first start and kept beside the data (architecture: nothing starts with a default secret). */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Reads a secret, or makes it and keeps it readable by its owner only. Safe when two processes start at once, and when one is killed:
 * a file has its name only when all of it is on the disk.
 */
export async function readOrCreateSecret(folder: string, name: string, make: () => Promise<string>): Promise<string> {
  const path = join(folder, name);
  const existing = await readIfThere(path);
  if (existing !== undefined && existing !== '') return existing;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = await make();
  const draft = `${path}.${randomUUID()}.new`;
  await writeDurably(draft, secret);
  // An empty file was left by a release that was killed between making and writing it: there is nothing to lose.
  if (existing === '') await rename(draft, path);
  else if (!(await isLinked(draft, path))) return readOrCreateSecret(folder, name, make);
  await syncFolder(folder);
  return secret;
}

/** @returns false when somebody else was first */
async function isLinked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Puts a text in the place of another one: a reader, and a process that is killed in between, sees the old one or the new one. */
export async function replaceSecret(folder: string, name: string, secret: string): Promise<void> {
  const path = join(folder, name);
  await writeDurably(`${path}.new`, secret);
  await rename(`${path}.new`, path);
  await syncFolder(folder);
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What was renamed or linked into a folder is there after a power cut only then. */
async function syncFolder(folder: string): Promise<void> {
  const file = await open(folder, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @returns the trimmed text, undefined without such a file */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
