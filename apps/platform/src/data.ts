/**
 * The data of a platform that does not run: `backup <folder>` and `restore <folder>`, each with `--data-dir <folder>` (default DATA_DIR).
 * While it runs, POST /management/backup makes the backup.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { env } from './env.ts';
import { BackupError, backUp, copyStoreFiles, restore } from './store/backup.ts';
import { FolderInUseError, holdFolder } from './store/exclusiveFolder.ts';

const usage = 'Usage: backup <folder> [--data-dir <folder>] | restore <folder> [--data-dir <folder>]';

async function run(): Promise<string> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { 'data-dir': { type: 'string' } } });
  const [command, folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw new BackupError(usage);
  const dataDir = resolve(values['data-dir'] ?? env.DATA_DIR);
  const backup = resolve(folder);
  if (command === 'backup') {
    const store = join(dataDir, 'store');
    if (!existsSync(store)) throw new BackupError(`${dataDir} has no store`);
    const held = await holdFolder(dataDir);
    try {
      await backUp({ dataDir, copyStore: (target) => copyStoreFiles(store, target) }, backup, Date.now());
    } finally {
      await held.release();
    }
    return `${dataDir} is backed up in ${backup}`;
  }
  if (command !== 'restore') throw new BackupError(usage);
  await restore(backup, dataDir);
  return `${backup} is restored in ${dataDir}`;
}

function explain(error: unknown): string {
  if (error instanceof FolderInUseError) return `${error.message}; POST /management/backup copies while it runs`;
  if (error instanceof BackupError) return error.message;
  return (error instanceof Error && error.stack) || String(error);
}

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
