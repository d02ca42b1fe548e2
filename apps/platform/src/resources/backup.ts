/** A copy of everything while the server goes on (docs/operations.md "Backup and restore"). Part of /management: for the operator only. */
import { isAbsolute, relative, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { authenticateOperator } from '../auth/operator.ts';
import type { Deps } from '../deps.ts';
import { invalidParameters, RequestRefusedError } from '../errors.ts';
import { readInput } from '../input.ts';
import { BackupError, type BackupSource, backUp } from '../store/backup.ts';

export interface BackupOptions extends BackupSource {
  /** Backups are made inside of this folder and nowhere else. */
  readonly backupDir: string;
}

export const backupInput = z.object({ folder: z.string().min(1).max(1_000) });

/** @param options undefined when the engine has a backup of its own */
export function registerBackup(app: FastifyInstance, deps: Deps, options: BackupOptions | undefined): void {
  const onRequest = authenticateOperator(deps.operatorToken);
  app.post('/management/backup', { onRequest }, async (request) => {
    if (options === undefined) {
      throw new RequestRefusedError(409, { message: 'This engine is backed up by its own means (docs/operations.md)' });
    }
    const folder = resolve(options.backupDir, readInput(request, backupInput).folder);
    const inside = relative(options.backupDir, folder);
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside))
      throw invalidParameters({ folder: `not inside of ${options.backupDir}` });
    try {
      await backUp(options, folder, deps.clock.now());
    } catch (error) {
      if (error instanceof BackupError) throw new RequestRefusedError(409, { message: error.message }, error);
      throw error;
    }
    return { folder };
  });
}
