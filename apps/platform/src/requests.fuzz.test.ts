/** Queries, headers and paths of any kind, sent to every route; long polls with any settings; and what ends things. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bounded, fuzzSettings, useFuzzedPlatform } from './testing/fuzzedPlatform.ts';
import { anyBody, headerText, oddTexts, rawQuery, wellFormed } from './testing/oddInputs.ts';
import { seeds } from './testing/seeds.ts';
import type { Answer } from './testing/twoTenants.ts';

const { platform, anyRoute } = useFuzzedPlatform();

test.each(seeds)(
  'queries and headers of any kind (seed %i)',
  async (seed) => {
    const names = [
      'authorization',
      'origin',
      'if-none-match',
      'if-match',
      'accept',
      'client-request-id',
      'x-ms-requiresminresourceversion',
      'content-type',
      'x-ms-origin',
      'host',
      'x-forwarded-for',
      'traceparent',
    ];
    const query = fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom(
              'endpointId',
              'ENDPOINTID',
              'conversation',
              'conversationId',
              'filter',
              'operationId',
              'operationContext',
              'anonymousContext',
              'anonymousMeetingJoinContext',
              'confUrl',
              'onlineMeetingUri',
              'limit',
              'after',
              '__proto__',
              'x[y]',
            ),
            oddTexts,
          ),
          oddTexts,
          fc.boolean(),
        ),
        { maxLength: 5 },
      )
      .map((pairs) =>
        pairs
          .map(([name, value, raw]) =>
            raw ? rawQuery(`${name}=${value}`) : `&${new URLSearchParams({ [wellFormed(name)]: wellFormed(value) })}`,
          )
          .join(''),
      );
    await fc.assert(
      fc.asyncProperty(
        anyRoute,
        query,
        fc.dictionary(fc.constantFrom(...names), headerText, { maxKeys: 4 }),
        async (route, more, headers) => {
          await platform().send(route, { headers }, more);
        },
      ),
      { ...fuzzSettings, seed, numRuns: 800 },
    );
  },
  120_000,
);

test.each(seeds)(
  'paths of any kind (seed %i)',
  async (seed) => {
    const segment = fc.oneof(
      oddTexts.map((text) => encodeURIComponent(wellFormed(text))),
      fc.constantFrom(
        '%',
        '%2',
        '%2f',
        '%00',
        '%c0%af',
        '..',
        '.',
        '%2e%2e',
        '',
        '*',
        ':id',
        'a'.repeat(900),
        'a'.repeat(2_000),
        '٣',
      ),
    );
    await fc.assert(
      fc.asyncProperty(anyRoute, fc.nat(), segment, async ({ method, url }, at, odd) => {
        const parts = (platform().href(url).split('?')[0] ?? '').split('/');
        parts[1 + (at % Math.max(1, parts.length - 1))] = odd;
        const path = `/${parts.slice(1).join('/')}`.replace(/[^\x21-\x7e]/g, '');
        if (path.startsWith('//')) return;
        const answer = await bounded(
          platform().two.send(method, path, { token: platform().tokenFor(url) }),
          `${method} ${path}`,
        );
        expect(answer.status, `${method} ${path}`).toBeLessThan(500);
      }),
      { ...fuzzSettings, seed, numRuns: 400 },
    );
  },
  120_000,
);

test.each(seeds)(
  'long polls with settings of any kind; each ends the one before (seed %i)',
  async (seed) => {
    const { token, id } = (await platform().two.bridge('contoso.com', 'polls')).visitor;
    const number = fc.oneof(
      oddTexts,
      fc.constantFrom('0', '1', '-1', '2', '1e9', '180', '1800', '999999999999999999999', '0x1', '1.5', 'Infinity'),
    );
    let parked: Promise<Answer> = Promise.resolve({ status: 200 } as Answer);
    await fc.assert(
      fc.asyncProperty(number, number, number, number, async (ack, low, timeout, priority) => {
        const query = new URLSearchParams({
          ack: wellFormed(ack),
          low: wellFormed(low),
          timeout: wellFormed(timeout),
          priority: wellFormed(priority),
        });
        const before = parked;
        parked = platform().two.send('GET', `/ucwa/psanon/v1/applications/${id}/events?${query}`, { token });
        // One of the two is answered: the earlier because it was replaced, or the later because there is nothing to wait for.
        const answer = await bounded(Promise.race([before, parked]), 'a long poll');
        expect(answer.status).toBeLessThan(500);
      }),
      { ...fuzzSettings, seed, numRuns: 200 },
    );
  },
  120_000,
);

test.each(seeds)(
  'what ends things, asked in any way (seed %i)',
  async (seed) => {
    const { ending } = platform();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ending), anyBody, oddTexts, async (route, json, text) => {
        await platform().send(route, { body: json }, rawQuery(`filter=${text}`));
      }),
      { ...fuzzSettings, seed, numRuns: 200 },
    );
  },
  120_000,
);
