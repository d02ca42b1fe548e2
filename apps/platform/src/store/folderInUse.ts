/** Whether another process has an LMDB folder open. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';

/** Looks into LMDB's own table of readers; what died without a word is taken out of it first, by the operating system's locks. */
export async function isFolderInUse(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'data.mdb'))) return false;
  const database = open({ path: folder, noSubdir: false, readOnly: true });
  try {
    database.readerCheck();
    const processes = Array.from(database.readerList().matchAll(/^\s*(\d+) /gm), ([, id]) => Number(id));
    return processes.some((id) => id !== process.pid);
  } finally {
    await database.close();
  }
}
