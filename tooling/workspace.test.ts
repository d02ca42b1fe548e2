/** What is written in two places must be the same, and what Turborepo would skip without a word must be there. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const readJson = (file: string): Record<string, Record<string, string> & string> => JSON.parse(read(file));

it('pins one pnpm: the one that installs and the one that Turborepo finds', () => {
  const catalog = /^ {2}pnpm: (\S+)$/m.exec(read('pnpm-workspace.yaml'))?.[1];
  expect(readJson('package.json').packageManager).toBe(`pnpm@${catalog}`);
});

it('names one oldest Node', () => {
  expect(readJson('package.json').engines?.node).toBe(`>=${read('.nvmrc').trim()}`);
});

it('type-checks every package that has TypeScript', () => {
  const files = execFileSync('git', ['ls-files', '*tsconfig.json'], { cwd: root, encoding: 'utf8' });
  const packages = files
    .split('\n')
    .filter((file) => file.endsWith('/tsconfig.json') && file !== 'tooling/tsconfig.json')
    .map((file) => file.replace('tsconfig.json', 'package.json'));
  expect(packages.length).toBeGreaterThan(5);
  expect(packages.filter((file) => readJson(file).scripts?.typecheck === undefined)).toEqual([]);
});
