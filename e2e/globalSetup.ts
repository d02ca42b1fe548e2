/**
 * Starts the whole product the way a newcomer does (`npm start`'s script), on free ports and in a folder of its own,
 * and stops it when the specs are done.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readyPatienceMs = 180_000;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

export default async function globalSetup(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(`${tmpdir()}/bridgedesk-e2e-`);
  process.env.E2E_DATA_DIR = dataDir;
  const [web, platform, customerSite] = [await freePort(), await freePort(), await freePort()];
  const start = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      WEB_PORT: String(web),
      PLATFORM_PORT: String(platform),
      CUSTOMER_SITE_PORT: String(customerSite),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => start.once('exit', () => resolve()));
  const stop = async () => {
    start.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
  const deadline = Date.now() + readyPatienceMs;
  while (!existsSync(`${dataDir}/endpoints.json`)) {
    if (start.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error('The stack did not start.');
    }
    await new Promise((wake) => setTimeout(wake, 200));
  }
  return stop;
}
