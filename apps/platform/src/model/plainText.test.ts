import { describe, expect, test } from 'vitest';
import { asPlainText } from './plainText.ts';

const plain = (text: string): string => asPlainText({ contentType: 'text/html', text }).text;

describe('html for a reader of plain text', () => {
  test('keeps the words and the line ends', () => {
    expect(plain('<p>Good&nbsp;<b>morning</b></p><div>a<br/>b</div>&lt;i&gt; &#128230; &unknown;')).toBe(
      'Good morning\na\nb\n<i> 📦 &unknown;',
    );
  });

  test('leaves out what nobody is meant to read, also when it is not closed', () => {
    expect(plain('a<script>alert(1)</script>b<STYLE>p{}</STYLE>c<script>d')).toBe('abc');
  });

  test('comparisons and loose marks stay', () => {
    expect(plain('1 < 2 and 3 > 2')).toBe('1 < 2 and 3 > 2');
    expect(plain('a < b')).toBe('a < b');
  });

  test('takes a time that grows with the length only', () => {
    const spent = (length: number): number => {
      const hostile = ['<', '<script', '<a', '&', '<script>'].map((part) => part.repeat(length / part.length));
      const began = performance.now();
      for (const text of hostile) plain(text);
      return performance.now() - began;
    };
    spent(10_000);
    expect(spent(65_000)).toBeLessThan(20 * spent(6_500) + 100);
  });
});
