// Finds a Chromium for the browser tests: the system's, else Playwright's, else Debian's package when root.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter } from 'node:path';
import { root, run } from './run.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const downloadPatienceMs = 180_000;

function systemChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => `${folder}/${name}`));
  return [process.env.CHROMIUM_PATH, ...candidates].find((file) => file && existsSync(file));
}

function playwrightChromium() {
  const require = createRequire(import.meta.url);
  const file = require('@playwright/test').chromium.executablePath();
  return existsSync(file) ? file : undefined;
}

async function downloadPlaywrights() {
  const playwright = `${root}/e2e/node_modules/.bin/playwright`;
  const quietly = { onText: () => {} };
  await Promise.race([
    run(playwright, ['install', 'chromium'], quietly).catch(() => 1),
    new Promise((resolve) => setTimeout(resolve, downloadPatienceMs).unref()),
  ]);
  return playwrightChromium();
}

async function installDebians() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  const quietly = { onText: () => {}, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], quietly);
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], quietly);
  return systemChromium();
}

/** @returns the path of a Chromium; throws a sentence that says what was tried */
export async function ensureChromium() {
  const present = systemChromium() ?? playwrightChromium();
  if (present) return present;
  console.log('Looking for a Chromium to install …');
  const installed = (await downloadPlaywrights()) ?? (await installDebians());
  if (installed) return installed;
  throw new Error(
    'No Chromium: none on the PATH, Playwright could not download one, and installing the Debian package was not possible ' +
      '(it needs root and apt-get). Install Chromium, or set CHROMIUM_PATH.',
  );
}
