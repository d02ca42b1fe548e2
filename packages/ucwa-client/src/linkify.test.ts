import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { linkify } from './linkify.ts';

const hrefsOf = (text: string) => linkify(text).flatMap((part) => part.href ?? []);

/** How many letters are copied and split while a text is looked through: work that no other program disturbs. */
function workOf(text: string): number {
  const { slice, split } = String.prototype;
  let letters = 0;
  vi.spyOn(String.prototype, 'slice').mockImplementation(function (this: string, from, to) {
    const part = slice.call(this, from, to);
    letters += part.length;
    return part;
  });
  vi.spyOn(String.prototype, 'split').mockImplementation(function (this: string, ...given) {
    letters += this.length;
    return split.apply(this, given);
  });
  linkify(text);
  vi.restoreAllMocks();
  return letters;
}

describe('linkify', () => {
  it('shows every text to the letter and links to nothing but http, https and mailto', () => {
    const bits = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.emailAddress(),
      fc.constantFrom(' ', '(', ')', '.', 'javascript:'),
    );
    fc.assert(
      fc.property(fc.array(bits), (parts) => {
        const text = parts.join('');
        const linked = linkify(text);
        expect(linked.map((part) => part.text).join('')).toBe(text);
        for (const { href } of linked) if (href !== undefined) expect(href).toMatch(/^(https?:|mailto:)/);
      }),
    );
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'javascript:alert(1)',
    'JaVaScRiPt://example.com/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'ftp://x/y',
    '<a href="x">',
    'https://',
    'vbscript:msgbox(1)',
    '"><svg onload=alert(1)>',
    '[x](javascript:alert(1))',
    'http://',
    'https://%',
  ])('leaves %s plain', (text) => {
    expect(linkify(text)).toEqual([{ text }]);
  });

  it.each([
    ['see https://contoso.com/a?b=1#c, please.', ['https://contoso.com/a?b=1#c']],
    ['(https://contoso.com/wiki/A_(b))', ['https://contoso.com/wiki/A_(b)']],
    ['"https://contoso.com"', ['https://contoso.com/']],
    ['«https://contoso.com/»', ['https://contoso.com/']],
    ['https://contoso.com<script>', ['https://contoso.com/']],
    ['mail ann@contoso.com.', ['mailto:ann@contoso.com']],
    ['http://a.example and http://b.example!', ['http://a.example/', 'http://b.example/']],
  ])('finds the links of %s', (text, hrefs) => {
    expect(hrefsOf(text)).toEqual(hrefs);
  });

  it('leaves the marks of the sentence in the text around the link', () => {
    expect(linkify('See https://contoso.com/a?b=1, please.')).toEqual([
      { text: 'See ' },
      { text: 'https://contoso.com/a?b=1', href: 'https://contoso.com/a?b=1' },
      { text: ', please.' },
    ]);
  });

  it.each([')', '.', ')(', '.)', '(x))'])('costs no more than a few times the length of addresses of %s', (marks) => {
    const hostile = `http://x${marks.repeat(1990 / marks.length)} `.repeat(32);
    expect(workOf(hostile)).toBeLessThan(8 * hostile.length);
  });

  it('does not take long on hostile texts', () => {
    const text = `${'a.'.repeat(20_000)}@${'-'.repeat(20_000)} http://a${')'.repeat(20_000)}`;
    expect(
      linkify(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });
});
