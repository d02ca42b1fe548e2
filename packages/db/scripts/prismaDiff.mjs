// Prints the SQL that takes a database with the committed migrations to the schema: the text of the next migration.
// Nothing is printed when they agree.
//   node scripts/prismaDiff.mjs prisma/schema.prisma
// The schema engine runs as WebAssembly on PGlite in memory, so no engine is downloaded and no database is needed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { readMigrations } from './readMigrations.mjs';

let loading;

/** The engine's bindings hold one instance a process. */
function loadEngineOnce() {
  loading ??= loadEngine();
  return loading;
}

async function loadEngine() {
  const wasmPath = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(wasmPath), { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
}

async function openAdapter() {
  const database = new PGlite();
  await database.waitReady;
  return new PrismaPGlite(database);
}

/** SQL from the given migrations to the schema; empty when they agree. */
export async function diffSql(schemaPath, migrations) {
  await loadEngineOnce();
  const schema = readFileSync(schemaPath, 'utf8');
  const datamodels = [['schema.prisma', schema]];
  const factory = await openAdapter();
  factory.connectToShadowDb = async () => (await openAdapter()).connect();
  const engine = await bindings.SchemaEngine.new(
    { datamodels },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  const { stdout } = await engine.diff({
    from: migrations.length === 0 ? { tag: 'empty' } : { tag: 'migrations', ...migrationsList(schemaPath, migrations) },
    to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return /^-- This is an empty migration\.\s*$/.test(stdout ?? '') ? '' : (stdout ?? '');
}

function migrationsList(schemaPath, migrations) {
  return {
    baseDir: join(dirname(schemaPath), 'migrations'),
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const schemaPath = process.argv[2];
  if (!schemaPath) throw new Error('usage: node scripts/prismaDiff.mjs prisma/schema.prisma');
  process.stdout.write(await diffSql(schemaPath, readMigrations(schemaPath)));
  process.exit(0);
}
