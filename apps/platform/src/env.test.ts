/** The settings and the page that explains them say the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { limitsFrom, settings } from './env.ts';
import { defaultLimits } from './limits.ts';
import { defaultSettings } from './model/world.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
const chapter = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
const rows = (title: string): string[][] =>
  chapter(title)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', ''))
        .slice(1, -1),
    );

const preset = (name: string): string => {
  const value: unknown = settings[name as keyof typeof settings].parse(undefined);
  return value === undefined || (Array.isArray(value) && value.length === 0) ? '–' : String(value);
};

describe('docs/operations.md', () => {
  test('lists every setting with its default, and no other', () => {
    const documented = rows('Settings').map(([name, value]) => [name, value]);
    expect(documented).toEqual(Object.keys(settings).map((name) => [name, preset(name)]));
  });

  test('says of every limit what happens beyond it', () => {
    const limits = rows('Limits').map(([name]) => name);
    expect(limits).toEqual(Object.keys(settings).filter((name) => name.startsWith('MAX_')));
  });
});

test('every limit of the code can be set', () => {
  const presets = Object.fromEntries(Object.entries(settings).map(([name, schema]) => [name, schema.parse(undefined)]));
  const { limits, settings: model } = limitsFrom(presets as Parameters<typeof limitsFrom>[0]);
  expect(limits).toEqual(defaultLimits);
  expect(defaultSettings).toMatchObject(model);
});

describe('a setting that cannot be read', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test.each([
    ['PLATFORM_PORT', 'abc'],
    ['TRUSTED_PROXIES', '10.0.0.0/8 and-others'],
    ['REDIS_URL', 'http://localhost'],
  ])('%s=%s stops the start with one plain line that names it', async (name, value) => {
    const written: string[] = [];
    vi.stubEnv(name, value);
    vi.resetModules();
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    await expect(import('./env.ts')).rejects.toThrow('exit 1');
    expect(written).toEqual([expect.stringMatching(new RegExp(`^${name}: .*\n$`))]);
  });
});
