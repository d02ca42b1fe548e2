// Builds what changed since the last build; Turborepo keeps the rest.
import { existsSync } from 'node:fs';
import { bin, must, root } from './run.mjs';

const results = ['apps/platform/dist/server.mjs', 'apps/web/.next/BUILD_ID', 'apps/web/public/widget/v1.js'];

export async function ensureBuilt() {
  if (!results.every((file) => existsSync(`${root}/${file}`)))
    console.log('Building (the first time takes about a minute) …');
  await must('The build', bin('turbo'), ['run', 'build', '--output-logs=errors-only'], { quiet: true });
}

/** What the type checker and the unit tests need besides the sources. */
export async function ensureGenerated() {
  await must('Generating the database client', bin('turbo'), ['run', 'generate', '--output-logs=errors-only'], {
    quiet: true,
  });
}
