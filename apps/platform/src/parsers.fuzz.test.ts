/** Bodies of any kind, sent to every route that takes one: JSON, what is no JSON, multipart/related and batches. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RegisteredRoute } from './registeredRoutes.ts';
import { fuzzSettings, useFuzzedPlatform } from './testing/fuzzedPlatform.ts';
import { anyBody, head, multipart, oddTexts, words } from './testing/oddInputs.ts';
import { seeds } from './testing/seeds.ts';

const { platform, writing } = useFuzzedPlatform();

test.each(seeds)(
  'JSON of any shape under every known name (seed %i)',
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(writing, anyBody, async (route, json) => {
        await platform().send(route, { body: json });
      }),
      { ...fuzzSettings, seed, numRuns: 600 },
    );
    // Some have to get through, or only the doors were tried.
    expect(platform().answered.get(2)).toBeGreaterThan(30);
  },
  120_000,
);

test.each(seeds)(
  'bodies that are no JSON, under media types that may be right or wrong (seed %i)',
  async (seed) => {
    const types = [
      'application/json',
      'application/json; charset=utf-16',
      'APPLICATION/JSON',
      'text/plain',
      'text/html; charset=x',
      'text/xml',
      '',
      'application/vnd.microsoft.com.ucwa+json',
      'multipart/related',
      'multipart/related; boundary=',
      'multipart/related; boundary="a b"',
      'multipart/batching; boundary=x',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      '*/*',
      ';;;',
      'a'.repeat(3_000),
      '\u00e9/\u00e9',
    ];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 500 }).map((octets) => Buffer.from(octets)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .constantFrom('[', '{"a":', '"\\ud800"', '[[[[', '{}{}', '\ufeff{}', '1', 'null', '{"a":1,}')
        .map((text) => Buffer.from(text)),
      fc.nat(40_000).map((depth) => Buffer.from('['.repeat(depth))),
      fc.nat(12_000).map((depth) => Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)),
    );
    await fc.assert(
      fc.asyncProperty(writing, fc.constantFrom(...types), bytes, async (route, type, payload) => {
        await platform().send(route, { body: payload, headers: { 'content-type': type } });
      }),
      { ...fuzzSettings, seed, numRuns: 600 },
    );
  },
  120_000,
);

test.each(seeds)(
  'multipart/related, with parts that are missing, doubled, open or no UTF-8 (seed %i)',
  async (seed) => {
    const json = fc.dictionary(
      fc.constantFrom(...words),
      fc.oneof(oddTexts, fc.constantFrom('cid:1', 'CID:2', 'cid:x')),
      { maxKeys: 6 },
    );
    const part = fc
      .tuple(
        head,
        fc.oneof(
          json.map((value) => JSON.stringify(value)),
          oddTexts,
        ),
      )
      .map(([lines, rest]) => `${lines}\r\n\r\n${rest}`);
    await fc.assert(
      fc.asyncProperty(
        writing,
        multipart('xyz', part),
        fc.constantFrom('xyz', '"xyz"', 'x'),
        async (route, payload, boundary) => {
          await platform().send(route, {
            body: payload,
            headers: { 'content-type': `multipart/related; boundary=${boundary}` },
          });
        },
      ),
      { ...fuzzSettings, seed, numRuns: 400 },
    );
  },
  120_000,
);

test.each(seeds)(
  'batches of requests of any kind (seed %i)',
  async (seed) => {
    const batches = platform().routes.filter(({ url }) => url.endsWith('/batch'));
    expect(batches.length).toBeGreaterThan(0);
    const target = fc.oneof(
      fc
        .nat()
        .map((number) =>
          platform().href((platform().routes[number % platform().routes.length] as RegisteredRoute).url),
        ),
      fc.constantFrom(
        '*',
        '//evil.example/ucwa/x',
        'http://evil.example/ucwa/',
        '/ucwa/../management/tenants/contoso.com',
        '/ucwa/%2e%2e/x',
        '/ucwa/%',
        'ucwa',
        '/UCWA/psanon/v1/applications/x/batch',
      ),
      oddTexts,
    );
    const request = fc
      .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'get', 'TRACE', 'CONNECT', ''), target, head, oddTexts)
      .map(
        ([method, path, lines, rest]) =>
          `Content-Type: application/http; msgtype=request\r\n\r\n${method} ${path} HTTP/1.1\r\n${lines}\r\n\r\n${rest}`,
      );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...batches),
        multipart('b-1', fc.oneof(request, oddTexts)),
        async (route, payload) => {
          const answer = await platform().send(route, {
            body: payload,
            headers: { 'content-type': 'multipart/batching; boundary="b-1"' },
          });
          if (answer.status === 200) expect(answer.body).not.toMatch(/HTTP\/1.1 5\d\d/);
        },
      ),
      { ...fuzzSettings, seed, numRuns: 300 },
    );
  },
  120_000,
);
