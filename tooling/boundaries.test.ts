/**
 * The boundaries bite: every rule is broken on purpose in a copy of the repository, and the tool must say so.
 * A rule that is silently switched off, or a tool that looks at nothing, fails here.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const folders = {
  'ucwa-protocol': 'packages/ucwa-protocol',
  'ucwa-client': 'packages/ucwa-client',
  flows: 'packages/flows',
  db: 'packages/db',
  platform: 'apps/platform',
  widget: 'apps/widget',
  web: 'apps/web',
  conformance: 'conformance',
  e2e: 'e2e',
} as const;
type Name = keyof typeof folders;

/** Who may import whom; everything else is planted as a violation (ARCHITECTURE.md has the same table). */
const allowed: Record<Name, readonly Name[]> = {
  'ucwa-protocol': [],
  'ucwa-client': ['ucwa-protocol'],
  flows: ['ucwa-protocol'],
  db: [],
  platform: ['ucwa-protocol'],
  widget: ['ucwa-protocol', 'ucwa-client'],
  web: ['ucwa-protocol', 'ucwa-client', 'flows', 'db'],
  conformance: [],
  e2e: [],
};
const importable: readonly Name[] = ['ucwa-protocol', 'ucwa-client', 'flows', 'db', 'platform', 'web', 'widget'];

interface Plant {
  readonly rule: string;
  readonly file: string;
  readonly text: string;
}

const plants: readonly Plant[] = [
  {
    rule: 'noRestrictedImports',
    file: 'packages/flows/src/planted.deepImport.ts',
    text: "import { rels } from '@repo/ucwa-protocol/src/rels';\nexport const planted = rels;\n",
  },
  {
    rule: 'noNodejsModules',
    file: 'packages/flows/src/planted.nodeModule.ts',
    text: "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;\n",
  },
  {
    rule: 'noRestrictedGlobals',
    file: 'packages/flows/src/planted.date.ts',
    text: 'export const planted = () => Date.now();\n',
  },
  {
    rule: 'noRestrictedGlobals',
    file: 'packages/flows/src/planted.timer.ts',
    text: 'export const planted = () => setTimeout(() => {}, 1);\n',
  },
  {
    rule: 'noRestrictedGlobals',
    file: 'packages/flows/src/planted.fetch.ts',
    text: "export const planted = () => fetch('/');\n",
  },
  {
    rule: 'noRestrictedGlobals',
    file: 'apps/platform/src/model/planted.date.ts',
    text: 'export const planted = () => Date.now();\n',
  },
  {
    rule: 'noRestrictedImports',
    file: 'apps/platform/src/model/planted.upward.ts',
    text: "import { planted as other } from '../resources/planted.ts';\nexport const planted = other;\n",
  },
  {
    rule: 'noNodejsModules',
    file: 'packages/ucwa-client/src/planted.nodeModule.ts',
    text: "import { createHash } from 'node:crypto';\nexport const planted = createHash;\n",
  },
  {
    rule: 'noRestrictedImports',
    file: 'apps/web/src/planted.prisma.ts',
    text: "import { PrismaClient } from '@prisma/client';\nexport const planted = PrismaClient;\n",
  },
  {
    rule: 'noRestrictedImports',
    file: 'apps/web/src/serviceApp/planted.next.ts',
    text: "import { headers } from 'next/headers';\nexport const planted = headers;\n",
  },
  {
    rule: 'noRestrictedImports',
    file: 'apps/web/src/app/Planted.tsx',
    text: "import { openDatabase } from '@repo/db/client';\nexport const planted = openDatabase;\n",
  },
  {
    rule: 'noRestrictedImports',
    file: 'apps/widget/src/session/planted.view.ts',
    text: "import { h } from 'preact';\nexport const planted = h;\n",
  },
  {
    rule: 'noProcessEnv',
    file: 'apps/platform/src/planted.env.ts',
    text: 'export const planted = process.env.HOME;\n',
  },
  {
    rule: 'noDefaultExport',
    file: 'packages/db/src/planted.default.ts',
    text: 'export default function planted() {}\n',
  },
  {
    rule: 'noBarrelFile',
    file: 'packages/db/src/planted.barrel.ts',
    text: "export { planted } from './planted.other.ts';\nexport { planted2 } from './planted.other.ts';\n",
  },
  { rule: 'noReExportAll', file: 'packages/db/src/planted.reExport.ts', text: "export * from './planted.other.ts';\n" },
  {
    rule: 'noExplicitAny',
    file: 'packages/db/src/planted.any.ts',
    text: 'export const planted = (value: any) => value;\n',
  },
  {
    rule: 'noNonNullAssertion',
    file: 'packages/db/src/planted.nonNull.ts',
    text: 'export const planted = (value?: string) => value!.length;\n',
  },
  {
    rule: 'noFloatingPromises',
    file: 'packages/db/src/planted.floating.ts',
    text: 'export function planted() {\n  Promise.resolve(1).then((n) => n);\n}\n',
  },
  { rule: 'noConsole', file: 'apps/platform/src/planted.console.ts', text: "console.log('planted');\n" },
  { rule: 'useFilenamingConvention', file: 'apps/platform/src/planted-kebab.ts', text: 'export const planted = 1;\n' },
  {
    rule: 'noImportCycles',
    file: 'packages/db/src/planted.cycleOne.ts',
    text: "import { two } from './planted.cycleTwo.ts';\nexport const one = () => two;\n",
  },
];
const supportingFiles: readonly Plant[] = [
  {
    rule: '',
    file: 'packages/db/src/planted.cycleTwo.ts',
    text: "import { one } from './planted.cycleOne.ts';\nexport const two = () => one;\n",
  },
  {
    rule: '',
    file: 'packages/db/src/planted.other.ts',
    text: 'export const planted = 1;\nexport const planted2 = 2;\n',
  },
];

let copy: string;

function write(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
}

function tool(name: string, args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', name), args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
    timeout: 120_000,
  });
  return { code: status, output: `${stdout}${stderr}` };
}

const biome = () => tool('biome', ['lint', '--max-diagnostics=none', '--reporter=json', '.']);

function plantPackageViolations(): string[] {
  const planted: string[] = [];
  for (const from of Object.keys(folders) as Name[]) {
    const file = `${folders[from]}/package.json`;
    const description = JSON.parse(readFileSync(join(copy, file), 'utf8'));
    description.dependencies ??= {};
    for (const to of importable) {
      if (to === from || allowed[from].includes(to)) continue;
      description.dependencies[`@repo/${to}`] = 'workspace:*';
      planted.push(`${from} -> ${to}`);
    }
    write(file, JSON.stringify(description, null, 2));
  }
  return planted;
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'bridgedesk-boundaries-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const file of new Set(files.split('\n').filter(Boolean))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    try {
      copyFileSync(join(root, file), join(copy, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // deleted, not yet committed
    }
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('a copy without violations', () => {
  it('passes the package boundaries', () => {
    const { code, output } = tool('turbo', ['boundaries']);
    expect(output).toContain('no issues found');
    expect(code).toBe(0);
  }, 60_000);
});

describe('planted violations inside files', () => {
  let reported: { category: string; path: string }[];
  beforeAll(() => {
    for (const { file, text } of [...plants, ...supportingFiles]) write(file, text);
    const { output } = biome();
    const report = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    reported = report.diagnostics.map((diagnostic: { category: string; location?: { path?: unknown } }) => ({
      category: diagnostic.category,
      path: JSON.stringify(diagnostic.location?.path ?? ''),
    }));
    for (const { file } of [...plants, ...supportingFiles]) rmSync(join(copy, file));
  }, 120_000);

  it.each(plants)('$rule is reported for $file', ({ rule, file }) => {
    const name = file.split('/').at(-1) ?? file;
    expect(reported.some(({ category, path }) => category.endsWith(`/${rule}`) && path.includes(name))).toBe(true);
  });
});

describe('planted violations between packages', () => {
  it('reports every dependency that the table does not allow', () => {
    const planted = plantPackageViolations();
    const { code, output } = tool('turbo', ['boundaries']);
    expect(code).not.toBe(0);
    // The report wraps its lines, also inside a package's name.
    const text = output.replace(/\s*\n\s*\|\s*/g, ' ').replaceAll('@repo/ ', '@repo/');
    const missing = planted.filter((pair) => {
      const [from, to] = pair.split(' -> ');
      return !text.includes(`Package \`@repo/${to}\` found without any tag listed in allowlist for \`@repo/${from}\``);
    });
    expect(missing).toEqual([]);
  }, 60_000);

  it('reports an import that is not declared, and an escape by a relative path', () => {
    write(
      'packages/flows/src/plantedUndeclared.ts',
      "import { openDatabase } from '@repo/undeclared/client';\nexport const planted = openDatabase;\n",
    );
    write(
      'packages/flows/src/plantedEscape.ts',
      "import { openDatabase } from '../../db/src/client.ts';\nexport const planted = openDatabase;\n",
    );
    const { code, output } = tool('turbo', ['boundaries']);
    expect(code).not.toBe(0);
    expect(output).toContain('plantedUndeclared.ts');
    expect(output).toContain('plantedEscape.ts');
  }, 60_000);
});
