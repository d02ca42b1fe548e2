/** Html for a reader that only negotiated Plain. */
import type { Message } from './documents.ts';

type Content = Pick<Message, 'contentType' | 'text'>;

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Elements that end a line, and elements whose content nobody is meant to read. */
const lineEnds = /^(br|\/(p|div|li|tr|h[1-6]))$/;
const unread = new Set(['script', 'style']);

/** Tags out, line breaks kept, the common entities resolved. The result is text and must be shown as text. */
export function asPlainText(content: Content): Content {
  if (content.contentType === 'text/plain') return { contentType: content.contentType, text: content.text };
  const text = withoutTags(content.text).replace(
    /&(#\d{1,7}|[a-z]{1,8});/gi,
    (whole, name: string) => decodeEntity(name) ?? whole,
  );
  return { contentType: 'text/plain', text: text.trim() };
}

/** One pass over the text: the time grows with its length, whatever a stranger wrote. */
function withoutTags(html: string): string {
  let text = '';
  let readThrough = 0;
  let unreadElement: string | undefined;
  for (const { 0: tag, 1: inside = '', index } of html.matchAll(/<([a-z/!?][^<>]*)>/gi)) {
    if (unreadElement === undefined) text += html.slice(readThrough, index);
    readThrough = index + tag.length;
    const name = /^\/?[a-z][a-z0-9]{0,15}/i.exec(inside)?.[0].toLowerCase() ?? '';
    if (unreadElement === undefined && unread.has(name)) unreadElement = name;
    else if (name === `/${unreadElement}`) unreadElement = undefined;
    else if (unreadElement === undefined && lineEnds.test(name)) text += '\n';
  }
  return unreadElement === undefined ? text + html.slice(readThrough) : text;
}

function decodeEntity(name: string): string | undefined {
  if (!name.startsWith('#')) return entities[name.toLowerCase()];
  const codePoint = Number(name.slice(1));
  return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
}
