/** docs/rels.md read back: what may stand where, and what only under a condition. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Face } from './seenRels.ts';

export interface RelsPage {
  /** As `SeenRels.parts`; `true` = always there. */
  readonly parts: ReadonlyMap<string, boolean>;
  /** As `SeenRels.events`. */
  readonly events: ReadonlyMap<string, boolean>;
}

export const repository = path.resolve(import.meta.dirname, '../..');
const names: Readonly<Record<Face, string>> = { S: 'the service side', U: 'UCWA' };

export function readRelsPage(): RelsPage {
  const text = readFileSync(path.join(repository, 'docs/rels.md'), 'utf8');
  const parts = new Map<string, boolean>();
  const events = new Map<string, boolean>();
  for (const face of ['S', 'U'] as const) {
    for (const [resource = '', links = '', embedded = ''] of rowsUnder(text, `Resources of ${names[face]}`)) {
      const word = itemsOf(resource)[0]?.word ?? '';
      for (const one of itemsOf(links)) parts.set(`${face} ${word} link ${one.word}`, one.isAlways);
      for (const one of itemsOf(embedded)) parts.set(`${face} ${word} embeds ${one.word}`, one.isAlways);
    }
    for (const [sender = '', about = '', view = '', types = ''] of rowsUnder(text, `Events of ${names[face]}`)) {
      const [from, what, where] = [sender, about, view].map((cell) => itemsOf(cell)[0]?.word);
      const membership = where === undefined ? '' : ` in ${where}`;
      for (const one of itemsOf(types)) events.set(`${face} ${from}: ${what} ${one.word}${membership}`, one.isAlways);
    }
  }
  return { parts, events };
}

function rowsUnder(text: string, heading: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const itemsOf = (cell: string): { readonly word: string; readonly isAlways: boolean }[] =>
  [...cell.matchAll(/`([^`]+)`( \([^)]*\))?/g)].map(([, word = '', when]) => ({ word, isAlways: when === undefined }));
