/** The documents that list things list exactly what is there. Reads the repository as text; imports nothing of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(repository, file), 'utf8');

/** Cells of the table rows that follow a heading whose text starts so. */
function rowsUnder(text: string, heading: string): string[][] {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(heading)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|') && !/^\|[-| ]+\|$/.test(line));
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const inTicks = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

/** Keys of `export const name = { … }`, or elements of `export const name = [ … ]`. */
function constantsOf(source: string, name: string): string[] {
  const body = new RegExp(`export const ${name} = [{[]([\\s\\S]*?)[}\\]] as const`).exec(source)?.[1] ?? '';
  const entries = body.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').split(',');
  return entries.map((entry) => (entry.split(':').pop() ?? '').trim().replaceAll("'", '')).filter(Boolean);
}

test('every path in the table of docs/callFlow.md exists', () => {
  const rows = rowsUnder(read('docs/callFlow.md'), 'The call flow');
  expect(rows.map(([step]) => step)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
  const paths = rows.flatMap((cells) => cells.slice(2).flatMap(inTicks)).filter((text) => text.includes('/'));
  expect(paths.length).toBeGreaterThan(60);
  expect(paths.filter((file) => !existsSync(path.join(repository, file)))).toEqual([]);
  for (const cells of rows) expect(inTicks(cells.at(-1) ?? ''), cells[1]).toHaveLength(1);
});

test('every guarantee of ARCHITECTURE.md is kept by tests that exist', () => {
  const rows = rowsUnder(read('ARCHITECTURE.md'), 'Guarantees');
  expect(rows.length).toBeGreaterThan(3);
  for (const [number, guarantee, tests] of rows) {
    const files = inTicks(tests ?? '');
    expect(files.length, `${number} ${guarantee}`).toBeGreaterThan(0);
    for (const file of files) {
      expect(file).toMatch(/\.(test|spec)\.ts$/);
      expect(existsSync(path.join(repository, file)), file).toBe(true);
    }
  }
});

test('docs/rels.md lists every rel and nothing else', () => {
  const source = read('packages/ucwa-protocol/src/rels.ts');
  const text = read('docs/rels.md');
  for (const [heading, name] of [
    ['Words with a prefix', 'rels'],
    ['Words without a prefix', 'bareRels'],
  ] as const) {
    const listed = rowsUnder(text, heading).flatMap(([rel]) => inTicks(rel ?? ''));
    expect(listed.length).toBeGreaterThan(20);
    expect(listed.toSorted()).toEqual(constantsOf(source, name).toSorted());
  }
});

test('docs/errors.md lists every code and subcode and nothing else', () => {
  const source = read('packages/ucwa-protocol/src/errorCodes.ts');
  const text = read('docs/errors.md');
  const answers = rowsUnder(text, 'Codes of answers').map(([status, code]) => [status, inTicks(code ?? '')[0]]);
  const statuses = [...source.matchAll(/^\s+(\d{3}): '(\w+)'/gm)].map(([, status, code]) => [status, code]);
  expect(answers).toEqual(statuses);
  const firstCell = (heading: string): string[] => rowsUnder(text, heading).flatMap(([cell]) => inTicks(cell ?? ''));
  expect(firstCell('Codes of events').toSorted()).toEqual(constantsOf(source, 'reasonCodes').toSorted());
  expect(firstCell('Subcodes').toSorted()).toEqual(constantsOf(source, 'errorSubcodes').toSorted());
});

/** What no test of this suite can show, and why. */
const notTestedHere: Readonly<Record<string, string>> = {
  S32: 'TLS ends in front of the server; which certificates a client takes is no part of the protocol',
};

test('every expectation of an existing client (S, U, W) and every failure branch (F) has a test of its name', () => {
  const numbered = (letter: string, last: number): string[] =>
    Array.from({ length: last }, (_, at) => `${letter}${at + 1}`);
  const wanted = [
    ...numbered('S', 32),
    'S26b',
    'S31b',
    ...numbered('U', 27),
    ...numbered('W', 10),
    ...numbered('F', 26),
  ];
  const folder = path.join(repository, 'conformance/src');
  const tested = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.ts'))) {
    // A title begins with its ids: `test('S7 …`, `test.each(…)('F4 …`.
    const titles = readFileSync(path.join(folder, file), 'utf8').matchAll(
      /(?:\btest(?:\.\w+)*|\))\(\s*['"`]((?:[SUWF]\d+b?[ ,:]+)+)/g,
    );
    for (const [, ids = ''] of titles) for (const id of ids.split(/[ ,:]+/)) if (id !== '') tested.add(id);
  }
  expect(wanted.filter((id) => !tested.has(id) && notTestedHere[id] === undefined)).toEqual([]);
  expect(
    [...tested].filter((id) => !wanted.includes(id)),
    'unknown ids',
  ).toEqual([]);
  expect(
    Object.keys(notTestedHere).filter((id) => tested.has(id)),
    'tested after all',
  ).toEqual([]);
});

test('docs/protocolChoices.md: every open place has its choice, its state and files that exist', () => {
  const text = read('docs/protocolChoices.md');
  const rows = [...text.matchAll(/^\| ([a-z]+)-(\d+) \|(.*)\|$/gm)].map(([, document = '', number, rest = '']) => ({
    document,
    number: Number(number),
    cells: rest.split('|').map((cell) => cell.trim()),
  }));
  const counted = rowsUnder(text, 'Protocol choices').map(([document = '', places]) => [document, Number(places)]);
  expect(counted.length).toBe(7);
  for (const document of new Set(rows.map((row) => row.document))) {
    const numbers = rows.filter((row) => row.document === document).map(({ number }) => number);
    expect(numbers, document).toEqual(numbers.map((_, at) => at + 1));
    if (document !== 'own') expect(counted).toContainEqual([document, numbers.length]);
  }
  for (const { document, number, cells } of rows) {
    const name = `${document}-${number}`;
    expect(cells, name).toHaveLength(5);
    const [open, here, state, , where = ''] = cells;
    expect(open, name).toMatch(/\S/);
    expect(here, name).toMatch(/\S/);
    expect(['kept', 'wider', 'changed', 'left out'], name).toContain(state);
    expect(inTicks(where).length, name).toBeGreaterThan(0);
    expect(
      inTicks(where).filter((file) => !existsSync(path.join(repository, file))),
      name,
    ).toEqual([]);
  }
});
