import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The committed migrations beside a schema, oldest first: `{ name, sql }`. */
export function readMigrations(schemaPath) {
  const folder = join(dirname(schemaPath), 'migrations');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }));
}
