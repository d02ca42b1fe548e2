/** docs/management.md says what there is: the routes of the server and the commands of `npm run platform`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { startTestPlatform } from '../../testing/testPlatform.ts';

vi.setConfig({ testTimeout: 60_000 });

const root = new URL('../../../../../', import.meta.url);
const page = readFileSync(new URL('docs/management.md', root), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));
const cells = rows.map((row) => row.slice(2, -2).split(' | '));
const documentedRoutes = cells.filter((row) => row.length === 3);
const documentedCommands = cells.filter((row) => row.length === 2);
const bare = (text = '') => text.replaceAll('`', '');

interface Listed {
  readonly command: string;
  readonly usage: string;
  readonly does: string;
  readonly route: string;
}
const script = fileURLToPath(new URL('scripts/platform.mjs', root));
const listed = JSON.parse(execFileSync(process.execPath, [script, 'help', '--json'], { encoding: 'utf8' })) as Listed[];

test('every route is in the table, and nothing else', async () => {
  const { app } = await startTestPlatform();
  const registered = app.registeredRoutes
    .filter(({ url }) => url.startsWith('/management'))
    .map(({ method, url }) => `${method} ${url}`);
  expect(documentedRoutes.map(([route]) => bare(route)).sort()).toEqual([...new Set(registered)].sort());
  await app.close();
});

test('every route has its command, and every command its row', () => {
  expect(documentedRoutes.map(([route, , command]) => [bare(route), bare(command)]).sort()).toEqual(
    listed.map(({ route, command }) => [route, command]).sort(),
  );
  expect(documentedCommands.map(([usage, does]) => [bare(usage), does])).toEqual(
    listed.map(({ usage, does }) => [usage, does]),
  );
});
