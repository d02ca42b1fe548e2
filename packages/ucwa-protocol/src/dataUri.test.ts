import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDataUri, toDataUri } from './dataUri.ts';

describe('data links', () => {
  it('writes a space as plus, escapes in lower case and line ends as %0d%0a', () => {
    expect(toDataUri('text/plain;charset=utf-8', 'Größe & so\r\nweiter!')).toBe(
      'data:text/plain;charset=utf-8,Gr%c3%b6%c3%9fe+%26+so%0d%0aweiter%21',
    );
  });

  it('reads back every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fromDataUri(toDataUri('text/plain;charset=utf-8', text))).toEqual({
          contentType: 'text/plain;charset=utf-8',
          text,
        });
      }),
    );
  });

  it('reads base64 and upper-case escapes', () => {
    expect(fromDataUri('data:text/plain;base64,R3LDtsOfZQ==')?.text).toBe('Größe');
    expect(fromDataUri('data:text/plain,a%2Bb')?.text).toBe('a+b');
  });

  it.each(['', 'https://contoso.com', 'data:text/plain', 'data:text/plain,%ff', 'data:text/plain,%zz'])(
    'answers undefined for %j',
    (href) => {
      expect(fromDataUri(href)).toBeUndefined();
    },
  );
});
