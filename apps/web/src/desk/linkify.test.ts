import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkify } from './linkify.ts';

const linksIn = (text: string): string[] => linkify(text).flatMap((part) => ('href' in part ? [part.href] : []));

describe('linkify', () => {
  it('finds addresses and leaves the marks of the sentence out', () => {
    expect(linkify('See https://contoso.com/a?b=1, please.')).toEqual([
      { text: 'See ' },
      { text: 'https://contoso.com/a?b=1', href: 'https://contoso.com/a?b=1' },
      { text: ', please.' },
    ]);
    expect(linksIn('(https://en.wikipedia.org/wiki/A_(B))')).toEqual(['https://en.wikipedia.org/wiki/A_(B)']);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'ftp://x/y', '<a href="x">', 'https://'])(
    'makes no link of %s',
    (text) => {
      expect(linksIn(text)).toEqual([]);
    },
  );

  it('keeps every letter, and makes links of http and https only', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true }))), (words) => {
        const text = words.join(' ');
        expect(
          linkify(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
        for (const href of linksIn(text)) expect(href).toMatch(/^https?:\/\//);
      }),
    );
  });
});
