/**
 * A backup is a folder that can be started from: `store/data.mdb`, the secrets beside it, and `backup.json`, written last.
 * It is made while the platform runs and restored while it does not (docs/operations.md "Backup and restore").
 */
import { chmod, copyFile, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderInUseError, type HeldFolder, holdFolder, isLockName } from './exclusiveFolder.ts';

/** Its presence says that the backup is complete. */
const note = 'backup.json';

/** A backup or a restore that cannot be done as things are; the message says why. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code = 'Backup';
  readonly retryable = false;
}

export interface BackupSource {
  /** DATA_DIR of the platform. */
  readonly dataDir: string;
  /** Writes a consistent copy of the store into an existing, empty folder. */
  copyStore(folder: string): Promise<void>;
}

/**
 * @param target must not exist or be empty
 * @throws BackupError
 */
export async function backUp(source: BackupSource, target: string, now: number): Promise<void> {
  if (!(await isEmpty(target))) throw new BackupError(`${target} is not empty`);
  const store = join(target, 'store');
  await mkdir(store, { recursive: true, mode: 0o700 });
  // It may have been there before.
  await chmod(target, 0o700);
  await source.copyStore(store);
  for (const name of await filesOf(store)) {
    await chmod(join(store, name), 0o600);
    await syncPath(join(store, name));
  }
  await syncPath(store);
  for (const name of await filesOf(source.dataDir)) await copyDurably(join(source.dataDir, name), join(target, name));
  const made = { madeAt: new Date(now).toISOString() };
  await writeFile(join(target, note), `${JSON.stringify(made)}\n`, { mode: 0o600, flush: true });
  await syncPath(target);
}

/**
 * Makes a DATA_DIR of a backup; the platform starts from it as if it had been killed when the backup was made.
 * @throws BackupError when a platform runs on the target, when there is something in it, or when the source is no complete backup
 */
export async function restore(source: string, dataDir: string): Promise<void> {
  const names = await filesOf(source).catch((): string[] => []);
  if (!names.includes(note)) throw new BackupError(`${source} is no complete backup`);
  const held = await holdOrRefuse(dataDir);
  try {
    if (!(await isEmpty(dataDir))) throw new BackupError(`${dataDir} is not empty`);
    const partial = join(dataDir, 'store.partial');
    await mkdir(partial, { mode: 0o700 });
    await copyStoreFiles(join(source, 'store'), partial);
    await syncPath(partial);
    for (const name of names) if (name !== note) await copyDurably(join(source, name), join(dataDir, name));
    await rename(partial, join(dataDir, 'store'));
    await syncPath(dataDir);
  } finally {
    await held.release();
  }
}

async function holdOrRefuse(dataDir: string): Promise<HeldFolder> {
  try {
    return await holdFolder(dataDir);
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    throw new BackupError(`${error.message}. Choose an empty folder, or stop it and move its data away`, {
      cause: error,
    });
  }
}

/** Copies a store that no process has open. */
export async function copyStoreFiles(from: string, to: string): Promise<void> {
  for (const name of await filesOf(from)) if (name !== 'lock.mdb') await copyDurably(join(from, name), join(to, name));
}

/** Of a DATA_DIR these are the secrets. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).every(isLockName);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  // The copy has the mode of the original, and earlier releases let everybody read the store.
  await chmod(to, 0o600);
  await syncPath(to);
}

/** Also of a folder: what was renamed into it is there after a power cut. */
async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
