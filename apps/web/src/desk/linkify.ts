/** Finds the web addresses in a text. The text stays text: nothing here makes HTML, and only http and https become links. */

export type TextPart = { readonly text: string } | { readonly text: string; readonly href: string };

const address = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** Marks that end a sentence more often than an address. */
const trailing = /[.,;:!?)\]}»]+$/;

/** The parts of a text in their order; together they are the whole text, letter by letter. */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    const found = balanced(match[0]);
    if (!URL.canParse(found)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: found, href: new URL(found).href });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** Leaves closing marks of the sentence out, but keeps a bracket that the address itself opened. */
function balanced(found: string): string {
  const marks = trailing.exec(found)?.[0] ?? '';
  const bare = found.slice(0, found.length - marks.length);
  return marks.startsWith(')') && bare.split('(').length > bare.split(')').length ? `${bare})` : bare;
}
