/**
 * Random histories of visitors, people and SAs of two tenants, with time passing between what they do. After every step the rules
 * of ../testing/histories hold: legal changes of state only, documents that agree, texts and typing only for those who may have
 * them, one order. At the end everything that was begun has ended, and has been forgotten.
 */
import { wordOf } from '@repo/ucwa-protocol/rels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { breaches } from '../testing/histories/eventGrammar.ts';
import { hrefsOf, sameResource } from '../testing/histories/hrefs.ts';
import { histories, type Move, play } from '../testing/histories/moves.ts';
import { eventsByChannel } from '../testing/histories/scene.ts';
import { type Story, startStory } from '../testing/histories/story.ts';
import { seeds } from '../testing/seeds.ts';
import { endConversation } from './teardown.ts';

const settings = { numRuns: 300, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true };
const longest = 4 * 24 * 3_600_000;

async function tell(moves: readonly Move[]): Promise<Story> {
  const story = await startStory();
  for (const move of moves) {
    await play(story, move);
    expect(story.wrong, move.name).toEqual([]);
  }
  return story;
}

test.each(seeds)(
  'no step leads into an illegal state, tells a text to anybody else, or loses the order (seed %i)',
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(histories, async (moves) => {
        await tell(moves);
      }),
      { ...settings, seed },
    );
  },
  120_000,
);

test.each(seeds)(
  'every channel tells a whole story: begun and ended once, and nothing after the end (seed %i)',
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(histories, async (moves) => {
        const story = await tell(moves);
        await story.pass(longest);
        expect(story.wrong).toEqual([]);
        for (const [channelId, told] of eventsByChannel(story.scene)) {
          expect(breaches(told), channelId).toEqual([]);
          expect(unfinished(story, channelId), channelId).toEqual([]);
        }
      }),
      { ...settings, seed },
    );
  },
  120_000,
);

/** Operations that were started and never completed; an application that has ended is told nothing more. */
function unfinished(story: Story, channelId: string): string[] {
  const told = eventsByChannel(story.scene).get(channelId) ?? [];
  const open = new Set<string>();
  for (const { event } of told) {
    if (!wordOf(event.link.rel).endsWith('Invitation')) continue;
    if (event.type === 'started') open.add(event.link.href);
    if (event.type === 'completed') open.delete(event.link.href);
  }
  return channelId.startsWith('ucwa:') ? [...open].filter((href) => !wasAbandoned(story, href)) : [...open];
}

/** The invitation failed in the very decision in which its application ended. */
function wasAbandoned(story: Story, href: string): boolean {
  const id = href.split('/').at(-1);
  return story.scene.deeds.some(
    ({ writes }) =>
      writes.some((write) => write.kind === 'invitation' && write.id === id && isFailed(write.after)) &&
      writes.some((write) => write.kind === 'ucwaApplication' && isEnded(write.after)),
  );
}

const isFailed = (document: unknown): boolean => (document as { state?: string } | undefined)?.state === 'Failed';
const isEnded = (document: unknown): boolean => (document as { ended?: string } | undefined)?.ended !== undefined;

test.each(seeds)(
  'in the end nothing is left but what was registered (seed %i)',
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(histories, async (moves) => {
        const story = await tell(moves);
        await story.pass(longest);
        await hangUpBetweenServices(story);
        await story.pass(longest);
        for (const kind of [
          'conversation',
          'invitation',
          'meeting',
          'message',
          'channel',
          'owner',
          'ucwaApplication',
        ] as const)
          expect(
            story.scene.store.look((snapshot) => snapshot.ids(kind)),
            kind,
          ).toEqual([]);
        expect(story.scene.store.look((snapshot) => snapshot.timersDue(Number.MAX_SAFE_INTEGER, 100))).toEqual([]);
      }),
      { ...settings, seed, numRuns: 100 },
    );
  },
  120_000,
);

/** A call between two SAs has no application behind it that could fall silent; it lives until one of them ends it. */
async function hangUpBetweenServices(story: Story): Promise<void> {
  for (const { id, owner, peerId } of story.scene.all('conversation')) {
    const peer = story.scene.get('conversation', peerId ?? '');
    if (owner.face === 'service' && peer?.owner.face === 'service')
      await story.act('hangUp', (world) => endConversation(world, id));
  }
}

test.each(seeds)(
  'one resource, one href: on every channel, in every link, at all times (seed %i)',
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(histories, async (moves) => {
        const story = await tell(moves);
        for (const [channelId, told] of eventsByChannel(story.scene)) {
          const spellings = new Map<string, string>();
          for (const href of told.flatMap(hrefsOf)) {
            const resource = sameResource(href);
            expect(href, channelId).toBe(spellings.get(resource) ?? href);
            spellings.set(resource, href);
          }
          for (const { event } of told) {
            const self = event._embedded?.[event.link.rel]?._links?.self as { href: string } | undefined;
            if (self !== undefined) expect(self.href).toBe(event.link.href);
          }
        }
      }),
      { ...settings, seed, numRuns: 100 },
    );
  },
  120_000,
);
