// Every check of the repository, and how its result is counted. A static check counts as one.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { bin, root, run } from './run.mjs';

const staticCheck = (name, command, args) => ({
  name,
  async run() {
    const code = await run(command, args);
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  },
});

/** A runner that writes a report of its own; a run without a readable report, or without a test, is a failure. */
const testRunner = (name, prepare, count) => ({
  name,
  async run(context) {
    const folder = mkdtempSync(`${tmpdir()}/bridgedesk-report-`);
    const report = `${folder}/report.json`;
    try {
      const { command, args, env } = prepare(report, context);
      const code = await run(command, args, { env });
      const counts = count(JSON.parse(readFileSync(report, 'utf8')));
      const nothingRan = counts.passed + counts.failed === 0;
      const failedOtherwise = counts.failed === 0 && (code !== 0 || nothingRan);
      if (nothingRan) console.error(`${name}: no test ran.`);
      return failedOtherwise ? { ...counts, failed: 1 } : counts;
    } catch (error) {
      console.error(`${name}: no report (${error.message}).`);
      return { passed: 0, failed: 1 };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

const vitest = (name, args) =>
  testRunner(
    name,
    (report) => ({
      command: bin('vitest'),
      args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
      env: { CI: 'true' },
    }),
    // A suite that could not be loaded has no tests of its own: it counts as one failure. Skipped tests are failures.
    (report) => ({
      passed: report.numPassedTests,
      failed:
        report.numFailedTests +
        (report.numPendingTests ?? 0) +
        (report.numTodoTests ?? 0) +
        report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length,
    }),
  );

export const lint = staticCheck('lint', bin('biome'), ['ci', '.']);
export const types = staticCheck('types', bin('turbo'), ['run', 'typecheck', '--output-logs=errors-only']);
export const boundaries = staticCheck('boundaries', bin('turbo'), ['boundaries']);
export const deadCode = staticCheck('dead code', bin('knip'), []);
export const unit = vitest('unit', []);
export const conformance = vitest('conformance', ['--root', `${root}/conformance`]);
export const bench = vitest('bench', ['--root', `${root}/bench`]);
export const browser = testRunner(
  'browser',
  (report, { chromium }) => ({
    command: `${root}/e2e/node_modules/.bin/playwright`,
    args: ['test', '--config', `${root}/e2e/playwright.config.ts`],
    env: { CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  }),
  ({ stats, errors = [] }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + stats.skipped + (stats.unexpected === 0 ? errors.length : 0),
  }),
);

/** Runs the checks one after another and sums up; every check runs, also after one that failed. */
export async function runAll(checks, context = {}) {
  const total = { passed: 0, failed: 0 };
  for (const check of checks) {
    console.log(`\n== ${check.name}`);
    const began = Date.now();
    const counts = await check.run(context).catch((error) => {
      console.error(error.message);
      return { passed: 0, failed: 1 };
    });
    total.passed += counts.passed;
    total.failed += counts.failed;
    console.log(
      `== ${check.name}: ${counts.passed} passed, ${counts.failed} failed, ${((Date.now() - began) / 1000).toFixed(1)} s`,
    );
  }
  return total;
}

/** The closing line and the exit code: nothing run is a failure too. */
export function close({ passed, failed }) {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
