import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventsOf } from './eventBatch.ts';
import { createEventChannel } from './eventChannel.ts';
import { createSend } from './request.ts';
import { createFakeChannel } from './testing/fakeChannel.ts';
import { createFakeHttp, type FakeFault } from './testing/fakeHttp.ts';
import { createManualClock } from './testing/manualClock.ts';

type Step =
  | { readonly do: 'push'; readonly count: number }
  | { readonly do: 'fault'; readonly fault: FakeFault }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'limit'; readonly limit: number }
  | { readonly do: 'dropConnections' | 'offline' | 'back' | 'retryNow' | 'restart' | 'stopStart' | 'rejectOnce' };

const fault: fc.Arbitrary<FakeFault> = fc.oneof(
  fc.constantFrom<FakeFault>(
    { kind: 'network' },
    { kind: 'lostAnswer' },
    { kind: 'lostAnswer', times: 3 },
    { kind: 'doubled' },
    { kind: 'doubled', times: 2 },
    { kind: 'html' },
    { kind: 'status', status: 500, code: 'ServiceFailure' },
    { kind: 'status', status: 502 },
    { kind: 'status', status: 503, code: 'ServiceUnavailable', retryAfterS: 4 },
  ),
  fc.record({ kind: fc.constant('slow' as const), ms: fc.constantFrom(10, 3000, 250_000) }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fault' as const), fault }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 400, 2000, 200_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limit' as const), limit: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('dropConnections', 'offline', 'back', 'retryNow', 'restart', 'stopStart', 'rejectOnce'),
    }) as fc.Arbitrary<Step>,
  },
);

/** One that is always the same, and a fresh one; `PROPERTY_SEED=…` repeats it. */
const { process: host } = globalThis as { process?: { env: Readonly<Record<string, string | undefined>> } };
const seeds = [20_261_122, Number(host?.env.PROPERTY_SEED) || Math.floor(Math.random() * 2 ** 31)];

it.each(seeds)(
  'whatever is lost, doubled, refused or cut: the events applied are the server’s, once each, in order (seed %i)',
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true })),
        async (steps, chance) => {
          const clock = createManualClock();
          const server = createFakeChannel({ clock, eventsPath: '/events' });
          const http = createFakeHttp({
            clock,
            handle: (request) => (request.path === '/events' ? server.get(request) : { status: 200, body: {} }),
            lastBatch: (request) => (request.path === '/events' ? server.lastAnswer() : undefined),
          });
          const applied: number[] = [];
          const resets: string[] = [];
          let reject = false;
          const open = (eventsHref: string) =>
            createEventChannel({
              send: createSend({ fetch: http.fetch, clock, baseUrl: 'https://platform.test' }),
              clock,
              eventsHref,
              probeHref: '/application',
              random: () => chance.next().value,
              onReset: (why) => void resets.push(why),
              async onBatch(batch) {
                await new Promise<void>((resolve) => clock.setTimeout(resolve, 5));
                if (reject) {
                  reject = false;
                  throw new Error('not now');
                }
                for (const { event } of eventsOf(batch)) applied.push(Number(event.link.href.split('/').at(-1)));
              },
            });
          let channel = open(server.href());
          let pushed = 0;
          channel.start();

          const perform = async (step: Step): Promise<void> => {
            switch (step.do) {
              case 'push':
                for (let i = 0; i < step.count; i += 1) {
                  pushed += 1;
                  const event = { link: { rel: 'message', href: `/messages/${pushed}` }, type: 'completed' } as const;
                  server.push({ sender: { rel: 'conversation', href: '/c' }, event });
                }
                return;
              case 'fault':
                return http.addFault(step.fault);
              case 'advance':
                return clock.advance(step.ms);
              case 'limit':
                return server.limitBatches(step.limit);
              case 'dropConnections':
                http.setOffline(true);
                return http.setOffline(false);
              case 'offline':
                return http.setOffline(true);
              case 'back':
                return http.setOffline(false);
              case 'retryNow':
                return channel.retryNow();
              case 'stopStart':
                channel.stop();
                return channel.start();
              case 'rejectOnce':
                reject = true;
                return;
              case 'restart': {
                // A reload of the page; what is being applied is stored together with the position.
                channel.stop();
                await clock.advance(5);
                channel = open(channel.position());
                channel.start();
              }
            }
          };

          for (const one of steps) await perform(one);
          http.clearFaults();
          http.setOffline(false);
          await clock.advance(600_000);
          channel.stop();

          expect(applied).toEqual(Array.from({ length: pushed }, (_, i) => i + 1));
          expect(resets).toEqual([]);
        },
      ),
      { seed, numRuns: 500 },
    );
  },
  60_000,
);
