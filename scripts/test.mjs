// npm test: sets itself up, then runs every check. Ends with "N passed, N failed" over all of them.
import { ensureBuilt, ensureGenerated } from './build.mjs';
import { bench, boundaries, browser, close, conformance, deadCode, lint, runAll, types, unit } from './checks.mjs';
import { ensureChromium } from './chromium.mjs';
import { ensureInstalled } from './install.mjs';
import { ensureRedis } from './redis.mjs';

async function test() {
  await ensureInstalled();
  await ensureGenerated();
  await ensureBuilt();
  await ensureRedis();
  const total = await runAll([lint, types, boundaries, deadCode, unit, conformance, bench]);
  const browserTotal = await ensureChromium().then(
    (chromium) => runAll([browser], { chromium }),
    (error) => {
      console.error(error.message);
      return { passed: 0, failed: 1 };
    },
  );
  close({ passed: total.passed + browserTotal.passed, failed: total.failed + browserTotal.failed });
}

test().catch((error) => {
  console.error(error.stack ?? error.message);
  close({ passed: 0, failed: 1 });
});
