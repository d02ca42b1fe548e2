// npm run bench: builds the platform, then measures it on its own. One line of JSON on standard output.
import { ensureInstalled } from './install.mjs';
import { bin, must, root, run } from './run.mjs';

await ensureInstalled();
await must(
  'Building the platform',
  bin('turbo'),
  ['run', 'build', '--filter=@repo/platform', '--output-logs=errors-only'],
  { quiet: true },
);
process.exitCode = await run(bin('tsx'), [`${root}/bench/src/bench.ts`, ...process.argv.slice(2)]);
