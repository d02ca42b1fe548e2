import { describe, expect, it } from 'vitest';
import { isSameOrigin } from './sameOrigin.ts';

describe('isSameOrigin', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: 'http://desk.test' }, true],
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://desk.test', host: 'desk.test' }, false],
    ['another port of this host', { 'sec-fetch-site': 'same-site', host: 'desk.test' }, false],
    ['a typed address', { 'sec-fetch-site': 'none' }, false],
    ['an older browser on our page', { origin: 'https://desk.test:8443', host: 'desk.test:8443' }, true],
    ['an older browser elsewhere', { origin: 'https://evil.test', host: 'desk.test' }, false],
    ['an opaque origin', { origin: 'null', host: 'desk.test' }, false],
    ['no origin at all', { host: 'desk.test' }, false],
  ])('%s', (_who, headers, expected) => {
    expect(isSameOrigin(new Headers(headers))).toBe(expected);
  });
});
