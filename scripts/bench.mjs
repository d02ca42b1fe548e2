// npm run bench [-- options]: builds the platform, then measures it. A table, then one line of JSON (docs/performance.md).
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
