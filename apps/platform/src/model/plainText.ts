/** Html for a reader that only negotiated Plain. */
import type { Message } from './documents.ts';

type Content = Pick<Message, 'contentType' | 'text'>;

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Tags out, line breaks kept, the common entities resolved. The result is text and must be shown as text. */
export function asPlainText(content: Content): Content {
  if (content.contentType === 'text/plain') return { contentType: content.contentType, text: content.text };
  const text = content.text
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<br\s*\/?>|<\/(p|div|li|tr|h[1-6])\s*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(#\d{1,7}|[a-z]+);/gi, (whole, name: string) => decodeEntity(name) ?? whole);
  return { contentType: 'text/plain', text: text.trim() };
}

function decodeEntity(name: string): string | undefined {
  if (!name.startsWith('#')) return entities[name.toLowerCase()];
  const codePoint = Number(name.slice(1));
  return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
}
