/**
 * Which parts of a message's text may become links. One rule for every screen: what the visitor writes is shown to the
 * agent and the other way round, and both are strangers' texts.
 */

export interface TextPart {
  readonly text: string;
  /** Set on a link; always http, https or mailto. */
  readonly href?: string;
}

/** Every repetition has a bound, so that a hostile text costs no more time than its length. */
const candidate = /\bhttps?:\/\/[^\s<>"'`]{1,2000}|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gi;

/** What may follow an address without being part of it. */
const sentenceMarks = '.,;:!?]}»*_~';

/**
 * Splits a text into plain parts and links, for text nodes and anchors. Nothing is parsed as markup, and the parts
 * joined are always the text itself, so whatever a message holds is shown to the letter. Pure.
 */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(candidate)) {
    const found = withoutClosingMarks(match[0]);
    const href = toSafeHref(found);
    if (href === undefined) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: found, href });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** A full stop after an address belongs to the sentence, and so does a bracket that was opened before it. */
function withoutClosingMarks(found: string): string {
  // Counted once, not once a mark that is taken off: an address of brackets only must not cost its length squared.
  let unopened = 0;
  for (const letter of found) unopened += letter === ')' ? 1 : letter === '(' ? -1 : 0;
  let end = found.length;
  for (; end > 0; end -= 1) {
    const last = found.charAt(end - 1);
    if (last === ')' && unopened > 0) unopened -= 1;
    else if (!sentenceMarks.includes(last)) break;
  }
  return found.slice(0, end);
}

function toSafeHref(text: string): string | undefined {
  const address = /^https?:/i.test(text) ? text : `mailto:${text}`;
  if (!URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : undefined;
}
