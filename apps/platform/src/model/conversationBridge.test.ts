/** Nothing from somebody who is not bridged, or whose filter is Enabled or unset, ever reaches the visitor (guarantee 2). */
import type { WireEvent } from '@repo/ucwa-protocol/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ann,
  bob,
  bridgeVisitor,
  type Chat,
  callInAgent,
  createModelWorld,
  type Instance,
  type ModelWorld,
  sa,
  signInPerson,
} from '../testing/modelWorld.ts';
import { addBridgedParticipant, changeBridgedParticipant, removeBridgedParticipant } from './bridgedParticipants.ts';
import { heardAs } from './conversationBridge.ts';
import type { Bridge } from './documents.ts';
import { sendMessage } from './message.ts';
import { setTyping } from './typing.ts';

const bridged = (uri: string, messageFilterState: 'Enabled' | 'Disabled'): Bridge => ({
  meetingUri: 'sip:m',
  etag: '1',
  participants: [{ uri, displayName: 'A', messageFilterState, visitorParticipantId: 'v', introduced: false }],
});

describe('heardAs', () => {
  test('denies by default', () => {
    expect(heardAs(undefined, ann)).toBeUndefined();
    expect(heardAs(bridged(bob, 'Disabled'), ann)).toBeUndefined();
    expect(heardAs(bridged(ann, 'Enabled'), ann)).toBeUndefined();
    expect(heardAs(bridged(ann, 'Disabled'), 'SIP:Ann@Contoso.com')?.displayName).toBe('A');
  });
});

const people = [ann, bob] as const;
type Filter = 'Enabled' | 'Disabled' | undefined;
type Step =
  | { readonly kind: 'post' | 'put'; readonly who: number; readonly filter: Filter }
  | { readonly kind: 'delete' | 'send' | 'type'; readonly who: number };

const who = fc.integer({ min: 0, max: 1 });
const filter = fc.constantFrom<Filter>('Enabled', 'Disabled', undefined);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('post' as const, 'put' as const), who, filter }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'send' as const, 'type' as const), who }),
);

/** Runs the steps, keeping beside them the plainest idea of who may be heard. */
async function run(steps: readonly Step[]) {
  const model = await createModelWorld();
  const chat = await bridgeVisitor(model);
  const agents = [await signInPerson(model, ann), await signInPerson(model, bob)] as const;
  const views = [await callInAgent(model, chat, agents[0]), await callInAgent(model, chat, agents[1])] as const;
  model.told(chat.visitor.channelId);
  model.told(chat.c1Channel);
  const open = new Set<number>();
  for (const [index, one] of steps.entries()) {
    const agent = agents[one.who === 0 ? 0 : 1];
    const view = views[one.who === 0 ? 0 : 1];
    const text = `${one.who} says ${index}`;
    await perform(model, chat, agent, view, one, text);
    await follow(model, chat, one, open);
    const events = model.told(chat.visitor.channelId);
    check(events, one, open);
    expect(textsOf(model.told(chat.c1Channel))).toEqual(textsOf(events));
    if (one.kind === 'send') expect(textsOf(events)).toEqual(open.has(one.who) ? [text] : []);
  }
}

async function perform(model: ModelWorld, chat: Chat, agent: Instance, view: string, one: Step, text: string) {
  const uri = one.who === 0 ? ann : bob;
  const input = {
    displayName: `Helper ${one.who}`,
    ...('filter' in one && one.filter !== undefined ? { messageFilterState: one.filter } : {}),
  };
  const path = uri.slice('sip:'.length);
  await model
    .act((world) => {
      if (one.kind === 'post') addBridgedParticipant(world, sa.owner, chat.c1, { ...input, participantUri: uri });
      else if (one.kind === 'put') changeBridgedParticipant(world, sa.owner, chat.c1, path, input);
      else if (one.kind === 'delete') removeBridgedParticipant(world, sa.owner, chat.c1, path);
      else if (one.kind === 'type') setTyping(world, agent.caller.owner, view);
      else sendMessage(world, agent.caller.owner, view, { contentType: 'text/plain', text });
    })
    .catch((error: { status?: number }) => expect([404, 409]).toContain(error.status));
}

/** Reads back what the SA asked for; the rule itself is `Disabled` and nothing else. */
async function follow(model: ModelWorld, chat: Chat, one: Step, open: Set<number>) {
  if (one.kind === 'send' || one.kind === 'type') return;
  const participants = model.get('conversation', chat.c1)?.bridge?.participants ?? [];
  open.clear();
  for (const participant of participants) {
    if (participant.messageFilterState === 'Disabled') open.add((people as readonly string[]).indexOf(participant.uri));
  }
}

function check(events: readonly WireEvent[], one: Step, open: ReadonlySet<number>) {
  const wire = JSON.stringify(events);
  expect(wire).not.toMatch(/ann@contoso|bob@contoso|"Ann"|"Bob"/);
  if (open.has(one.who) || (one.kind !== 'send' && one.kind !== 'type')) return;
  expect(events.filter(({ type }) => type !== 'deleted')).toEqual([]);
}

const textsOf = (events: readonly WireEvent[]): string[] =>
  events
    .filter(({ link }) => link.rel.endsWith('message'))
    .map(({ link, _embedded }) => {
      const links = _embedded?.[link.rel]?._links;
      const text = links?.plainMessage;
      const data = text !== undefined && 'href' in text ? text.href : '';
      return data.slice(data.indexOf(',') + 1).replaceAll('+', ' ');
    });

describe('the filter', () => {
  test('in any order of bridging, changing, removing, sending and typing', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), run), { numRuns: 60 });
  }, 60_000);
});
