import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareShape, sample } from './sampleShape.ts';

describe('the comparison with captured payloads', () => {
  test('a captured payload is like itself', () => {
    for (const file of readdirSync(path.join(import.meta.dirname, '../samples')).filter((f) => f.endsWith('.json'))) {
      const captured = sample(file.replace('.json', ''));
      expect(compareShape(captured, captured), file).toEqual({ missing: [], extra: [] });
    }
  });

  test('the other prefix is no difference', () => {
    const captured = sample('Messaging');
    const other: unknown = JSON.parse(JSON.stringify(captured).replaceAll('ms:rtc:saas:', 'service:'));
    expect(compareShape(other, captured)).toEqual({ missing: [], extra: [] });
  });

  test('a missing link, a missing member, another type and another rel are each found', () => {
    const captured = {
      state: 'x',
      etag: '1',
      rel: 's',
      _links: { self: { href: '/a' }, addMessaging: { href: '/b' } },
    };
    const actual = { etag: 1, rel: 't', _links: { self: { href: '/a' } }, more: true };
    expect(compareShape(actual, captured)).toEqual({
      missing: ['.state', '.etag: string expected, number found', '.rel: s expected, t found', '._links.addMessaging'],
      extra: ['.more'],
    });
  });

  test('captured links to audio and sharing may be missing', () => {
    const captured = { _links: { self: { href: '/a' }, 'ms:rtc:saas:audioVideo': { href: '/b' } } };
    expect(compareShape({ _links: { self: { href: '/a' } } }, captured).missing).toEqual([]);
  });
});
