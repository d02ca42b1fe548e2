// pnpm check: the quick checks, without browsers.
import { ensureGenerated } from './build.mjs';
import { boundaries, close, deadCode, lint, runAll, types, unit } from './checks.mjs';
import { ensureInstalled } from './install.mjs';

await ensureInstalled();
await ensureGenerated();
close(await runAll([lint, types, boundaries, deadCode, unit]));
