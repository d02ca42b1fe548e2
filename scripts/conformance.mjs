// pnpm conformance: the protocol tests alone, against CONFORMANCE_BASE_URL or a platform of their own.
import { ensureBuilt } from './build.mjs';
import { close, conformance, runAll } from './checks.mjs';
import { ensureInstalled } from './install.mjs';

await ensureInstalled();
if (!process.env.CONFORMANCE_BASE_URL) await ensureBuilt();
close(await runAll([conformance]));
