// Finds a Redis or Valkey server for the tests of the engine of many nodes: the system's, else Debian's package when root.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { run } from './run.mjs';

const names = ['redis-server', 'valkey-server'];
const oldest = 7;

/** @returns the first one that is new enough: it keeps functions */
function systemServer() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const candidates = folders.flatMap((folder) => names.map((name) => `${folder}/${name}`));
  return [process.env.REDIS_SERVER_PATH, ...candidates].find((file) => {
    if (!file || !existsSync(file)) return false;
    const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    return Number(/v=(\d+)/.exec(stdout ?? '')?.[1] ?? 0) >= oldest;
  });
}

async function installDebians() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  console.log('Installing redis-server …');
  const quietly = { onText: () => {}, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], quietly);
  for (const name of names) {
    await run('apt-get', ['install', '-y', '--no-install-recommends', name], quietly);
    const installed = systemServer();
    if (installed) return installed;
  }
  return undefined;
}

/** Tells the tests where it is. Without one it says so, and the tests that need it fail. */
export async function ensureRedis() {
  const server = systemServer() ?? (await installDebians());
  if (server) process.env.REDIS_SERVER_PATH = server;
  else {
    console.error(
      `No Redis or Valkey ${oldest} or newer: none on the PATH, and installing the Debian package was not possible (it needs root ` +
        'and apt-get). The tests of the Redis engine cannot run and will fail. Install redis-server, or set REDIS_SERVER_PATH.',
    );
  }
}
