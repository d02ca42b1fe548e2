/** Files with messages in them: for their owner only, and there after a power cut. */
import { chmodSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs';

/** Also one that an earlier release has made. Somebody else's file on a shared volume stays as it is. */
export function makePrivate(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/** What was made in the folder is there after a power cut. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
