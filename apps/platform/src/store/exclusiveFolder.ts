/**
 * One process at a time uses a data folder. Whoever wants it
 * 1. listens at a Unix socket of its own in the folder, under a draft's name that nobody looks at,
 * 2. gives the socket its name, `inUse.<random>`,
 * 3. knocks at every other one. Somebody answers: the newcomer withdraws. Nobody does: its process has died, and the file goes.
 *
 * Of two that come at once, the one that took its name later hears the other one, so there are never two; both may withdraw, so each
 * tries again after a moment. The kernel closes a socket with its process, however that ends, and knows it by its file: processes in
 * different containers meet too. Machines that share a network file system do not.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isFolderInUse } from './folderInUse.ts';

const prefix = 'inUse.';
const draftSuffix = '.draft';
const attempts = 4;
/** Milliseconds between two attempts, at most. */
const longestPauseMs = 150;

/** Another process has the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  readonly code = 'FolderInUse';
  readonly retryable = true;
}

export interface HeldFolder {
  /** To be called when everything in the folder is closed. */
  release(): Promise<void>;
}

/** Whether a file of a data folder belongs to the lock, not to the data. */
export const isLockName = (name: string): boolean => name.startsWith(prefix);

/**
 * Takes a data folder, which is made when it is missing. To be called before anything in it is read.
 * @throws FolderInUseError when another process has it; Error when the folder cannot be written or holds no sockets
 */
export async function holdFolder(folder: string): Promise<HeldFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const held = process.platform === 'win32' ? { release: async () => undefined } : await holdBySocket(folder);
  // Releases before this one have no sockets, but are in LMDB's own table.
  if (!(await isFolderInUse(join(folder, 'store')))) return held;
  await held.release();
  throw inUse(folder);
}

async function holdBySocket(folder: string): Promise<HeldFolder> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const held = await tryToHold(folder);
    if (held !== undefined) return held;
    if (attempt < attempts) await pause(randomInt(longestPauseMs));
  }
  throw inUse(folder);
}

function inUse(folder: string): FolderInUseError {
  return new FolderInUseError(`A platform is running on ${folder} (or it is being backed up or restored)`);
}

/** @returns undefined when somebody else is there */
async function tryToHold(folder: string): Promise<HeldFolder | undefined> {
  const name = `${prefix}${randomBytes(8).toString('hex')}`;
  const directory = openSync(folder, 'r');
  // The address of a socket has about a hundred characters at most.
  const short = existsSync(`/proc/self/fd/${directory}`) ? `/proc/self/fd/${directory}` : folder;
  let server: Server | undefined;
  const release = async (): Promise<void> => {
    for (const file of [name, `${name}${draftSuffix}`]) await rm(join(folder, file), { force: true });
    server?.close();
    closeSync(directory);
  };
  try {
    server = await listenAt(join(short, `${name}${draftSuffix}`));
    // The file of a socket is there before somebody listens: under its name it would be taken for one of the dead.
    if (!(await renamed(join(folder, `${name}${draftSuffix}`), join(folder, name)))) return await withdraw(release);
    for (const other of await readdir(folder)) {
      if (!isLockName(other) || other === name || other.endsWith(draftSuffix)) continue;
      if (await isAnswered(join(short, other))) return await withdraw(release);
      await rm(join(folder, other), { force: true });
    }
    await removeDrafts(folder);
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function withdraw(release: () => Promise<void>): Promise<undefined> {
  await release();
  return undefined;
}

/** @returns false when the draft is gone: somebody else has the folder and has put it in order */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** For the holder only. Whoever misses its draft then sees that it has come too late. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (isLockName(name) && name.endsWith(draftSuffix)) await rm(join(folder, name), { force: true });
}

function listenAt(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // Nobody has to say anything here: to be reached is all.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

/** Whether a process has the socket; in doubt it has. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (given: boolean): void => {
      socket.destroy();
      resolve(given);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => answer(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
