import { expect, it } from 'vitest';

declare global {
  interface ImportMeta {
    glob(
      patterns: readonly string[],
      options: { query: '?raw'; import: 'default'; eager: true },
    ): Record<string, string>;
  }
}

const sources = import.meta.glob(['./*.ts', '!./*.test.ts'], { query: '?raw', import: 'default', eager: true });

it('imports nothing but itself and the protocol: the same code runs in browsers and in Node', () => {
  expect(Object.keys(sources).length).toBeGreaterThan(15);
  for (const [file, text] of Object.entries(sources)) {
    const imported = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
    for (const name of imported) {
      expect(name, file).toMatch(/^(\.\/\w+\.ts|@repo\/ucwa-protocol\/[\w/]+)$/);
    }
    expect(text, file).not.toMatch(/\b(process|Buffer|require|document|window|localStorage)\./);
  }
});
