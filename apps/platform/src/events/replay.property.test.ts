/**
 * A batch that is asked for again has the same bytes: a P-GET with the ack that was answered, a callback whose answer was lost, at
 * any time, also by a process that has just been started on the same data (reference/events.md 1, 3 and 4).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LmdbStore, openLmdbStore } from '../store/lmdb.ts';
import type { Call } from '../testing/injectedCall.ts';
import { createManualClock, type ManualClock, settle } from '../testing/manualClock.ts';
import { seeds } from '../testing/seeds.ts';
import { openTwoTenants, type TwoTenants } from '../testing/twoTenants.ts';

type Who = 'visitor' | 'agent';

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('say' as const), who: fc.constantFrom<Who>('visitor', 'agent') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('type' as const), who: fc.constantFrom<Who>('visitor', 'agent') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('poll' as const), who: fc.constantFrom<Who>('visitor', 'agent') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('again' as const), who: fc.constantFrom<Who>('visitor', 'agent') }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('saFails' as const), who: fc.constant<Who>('visitor') }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('saAnswers' as const), who: fc.constant<Who>('visitor') }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('pass' as const), who: fc.constant<Who>('visitor') }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('restart' as const), who: fc.constant<Who>('visitor') }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** One platform on one folder, which may be stopped and started; remembers every batch that it has handed out. */
class Life {
  readonly bodies = new Map<string, string>();
  readonly changed: string[] = [];
  repeated = 0;
  readonly #folder: string;
  readonly #clock: ManualClock = createManualClock();
  readonly #asked: Record<Who, number> = { visitor: 1, agent: 1 };
  readonly #open = new Set<Promise<void>>();
  #answers = true;
  #texts = 0;
  #store: LmdbStore | undefined;
  #two: TwoTenants | undefined;
  #call: Call | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(): Promise<void> {
    this.#store = openLmdbStore(this.#folder);
    this.#two = await openTwoTenants({
      store: this.#store,
      clock: this.#clock,
      post: async (_url, { body }) => {
        this.#keep(`callback ${(JSON.parse(body) as { _links: { self: { href: string } } })._links.self.href}`, body);
        return new Response(null, { status: this.#answers ? 200 : 503 });
      },
    });
    this.#call ??= await this.#two.bridge('contoso.com', 'again');
    await settle();
  }

  async stop(): Promise<void> {
    await this.#two?.platform.app.close();
    await Promise.all(this.#open);
    await this.#store?.close();
  }

  async play({ what, who }: Step): Promise<void> {
    this.#clock.jump(50);
    if (what === 'restart') {
      await this.stop();
      await this.start();
    } else if (what === 'pass') await this.#clock.advance(31_000);
    else if (what === 'saFails' || what === 'saAnswers') this.#answers = what === 'saAnswers';
    else if (what === 'say') await this.#post(who, 'messages', `text ${++this.#texts}`);
    else if (what === 'type') await this.#post(who, 'typing', '');
    else {
      // The next batch once this one is here; before that, and when it is asked for again, the same one.
      if (what === 'poll' && this.bodies.has(`${who} ${this.#asked[who]}`)) this.#asked[who] += 1;
      this.#poll(who, this.#asked[who]);
    }
    await settle();
  }

  #side(who: Who): { token: string; path: string; conversationId: string } {
    const { token, id, conversationId } = (this.#call as Call)[who];
    const path = `/ucwa/${who === 'visitor' ? 'psanon' : 'oauth'}/v1/applications/${id}`;
    return { token, path, conversationId };
  }

  async #post(who: Who, what: string, body: string): Promise<void> {
    const { token, path, conversationId } = this.#side(who);
    const url = `${path}/communication/conversations/${conversationId}/messaging/${what}`;
    const { status } = await (this.#two as TwoTenants).send('POST', url, {
      token,
      body,
      headers: { 'content-type': 'text/plain' },
    });
    expect([201, 204]).toContain(status);
  }

  #poll(who: Who, ack: number): void {
    const { token, path } = this.#side(who);
    const request = (this.#two as TwoTenants).send('GET', `${path}/events?ack=${ack}`, { token });
    const kept = request.then(({ status, body }) => {
      // 409: a newer one took its place.
      if (status === 200) this.#keep(`${who} ${ack}`, body);
      else expect(status).toBe(409);
    });
    this.#open.add(kept);
    void kept.finally(() => this.#open.delete(kept));
  }

  #keep(name: string, body: string): void {
    const known = this.bodies.get(name);
    if (known !== undefined) this.repeated += 1;
    if (known !== undefined && known !== body) this.changed.push(`${name}: ${known} became ${body}`);
    this.bodies.set(name, known ?? body);
  }
}

test.each(seeds)(
  'asked for again is the same bytes, also after a restart (seed %i)',
  async (seed) => {
    let repeated = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 35 }), async (steps) => {
        const folder = await mkdtemp(join(tmpdir(), 'bridgedesk-replay-'));
        const life = new Life(folder);
        try {
          await life.start();
          for (const one of steps) {
            await life.play(one);
            expect(life.changed).toEqual([]);
          }
          await life.stop();
          repeated += life.repeated;
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { seed, numRuns: 8, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
    );
    // Otherwise nothing was compared.
    expect(repeated).toBeGreaterThan(20);
  },
  120_000,
);
