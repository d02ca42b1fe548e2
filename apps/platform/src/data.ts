/**
 * The data of a platform that does not run: `backup <folder>` and `restore <folder>`, each with `--data-dir <folder>` (default DATA_DIR).
 * While it runs, POST /management/backup makes the backup.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { env } from './env.ts';
import { BackupError, backUp, copyStoreFiles, restore } from './store/backup.ts';
import { isFolderInUse } from './store/folderInUse.ts';

const usage = 'Usage: backup <folder> [--data-dir <folder>] | restore <folder> [--data-dir <folder>]';

async function run(): Promise<string> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { 'data-dir': { type: 'string' } } });
  const [command, folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw new BackupError(usage);
  const dataDir = resolve(values['data-dir'] ?? env.DATA_DIR);
  const backup = resolve(folder);
  if (command === 'backup') {
    const store = join(dataDir, 'store');
    if (await isFolderInUse(store))
      throw new BackupError(`A platform is running on ${dataDir}; POST /management/backup copies while it runs`);
    await backUp({ dataDir, copyStore: (target) => copyStoreFiles(store, target) }, backup, Date.now());
    return `${dataDir} is backed up in ${backup}`;
  }
  if (command !== 'restore') throw new BackupError(usage);
  await restore(backup, dataDir);
  return `${backup} is restored in ${dataDir}`;
}

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  process.stderr.write(
    `${error instanceof BackupError ? error.message : (error instanceof Error && error.stack) || String(error)}\n`,
  );
  process.exitCode = 1;
}
