// Installs the workspace when the lockfile is not the one that was installed last.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { must, pnpm, root } from './run.mjs';

const stampFile = `${root}/node_modules/.bridgedesk-installed`;

/** Said plainly, before anything fails in a stranger way. */
function assertNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Bridgedesk needs Node 20.19 or newer; this is ${process.version}.`);
}

function wantedStamp() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    hash.update(readFileSync(`${root}/${file}`));
  return `${process.version} ${hash.digest('hex')}`;
}

/** @returns whether anything had to be installed */
export async function ensureInstalled() {
  assertNode();
  const wanted = wantedStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return false;
  console.log('Installing packages …');
  const [npx, args] = pnpm;
  await must('Installing packages', npx, [...args, 'install', '--frozen-lockfile'], { quiet: true });
  writeFileSync(stampFile, wanted);
  return true;
}
