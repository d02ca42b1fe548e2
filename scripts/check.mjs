// pnpm check: the quick checks, without browsers.
import { ensureGenerated } from './build.mjs';
import { boundaries, close, deadCode, lint, runAll, types, unit } from './checks.mjs';
import { ensureInstalled } from './install.mjs';
import { ensureRedis } from './redis.mjs';

await ensureInstalled();
await ensureGenerated();
await ensureRedis();
close(await runAll([lint, types, boundaries, deadCode, unit]));
