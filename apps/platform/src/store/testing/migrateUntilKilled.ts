/** Child of the migration test: is killed when half of the documents have been converted. */
import { open } from 'lmdb';
import type { Database } from '../lmdbLayout.ts';
import { migrate } from '../migrations.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('The folder of the store is missing');
const database: Database = open({ path: folder, noSubdir: false });
migrate(database, [
  {
    from: 1,
    run: (data) => {
      for (let number = 0; number < 500; number += 1) data.putSync(['document', 'tenant', String(number)], 'half');
      process.kill(process.pid, 'SIGKILL');
    },
  },
]);
