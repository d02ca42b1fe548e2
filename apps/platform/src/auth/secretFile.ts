/** Secrets that are made at the first start and kept beside the data (architecture: nothing starts with a default secret). */
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Reads a secret, or makes it and keeps it readable by its owner only. Safe when two processes start at once. */
export async function readOrCreateSecret(folder: string, name: string, make: () => Promise<string>): Promise<string> {
  const path = join(folder, name);
  const existing = await readIfThere(path);
  if (existing !== undefined) return existing;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = await make();
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(secret);
      await file.sync();
    } finally {
      await file.close();
    }
    return secret;
  } catch (error) {
    const made = await readIfThere(path);
    if (made === undefined || made === '') throw error;
    return made;
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
