/** What is done in a conversation: talk, type, decide who is heard, leave, throw out. */

import {
  addBridgedParticipant,
  changeBridgedParticipant,
  removeBridgedParticipant,
} from '../../model/bridgedParticipants.ts';
import { rememberedConversation } from '../../model/conversation.ts';
import type { Conversation } from '../../model/documents.ts';
import { stopMessaging } from '../../model/messaging.ts';
import { eject, terminateOnlineMeeting } from '../../model/onlineMeeting.ts';
import { rosterOf } from '../../model/participants.ts';
import { endConversation } from '../../model/teardown.ts';
import { setTyping } from '../../model/typing.ts';
import type { World } from '../../model/world.ts';
import { type Chance, callerFor, isStranger, living, type Play, pick } from './chance.ts';
import { readersOf } from './mayRead.ts';
import { endpoints, people } from './scene.ts';
import type { Story } from './story.ts';

/** One of the conversations that fit; now and then any at all, also one that is over. */
function choose(story: Story, chance: Chance, fits: (conversation: Conversation) => boolean): Conversation | undefined {
  const fitting = living(story.scene).filter(fits);
  return pick(chance.b % 16 === 15 ? story.scene.all('conversation') : fitting, chance.a);
}

function inOne(
  name: string,
  fits: (conversation: Conversation) => boolean,
  decide: (world: World, caller: Conversation['owner'], conversation: Conversation, chance: Chance) => void,
): Readonly<Record<string, Play>> {
  return {
    [name]: async (story, chance) => {
      const conversation = choose(story, chance, fits);
      if (conversation === undefined) return;
      const caller = callerFor(story.scene, conversation, chance);
      await story.act(
        name,
        (world) => {
          decide(world, caller.owner, conversation, chance);
          return true;
        },
        isStranger(caller, conversation),
      );
    },
  };
}

const talks = ({ messaging }: Conversation): boolean => messaging === 'Connected';
const isBridged = ({ bridge }: Conversation): boolean => bridge !== undefined;
const isInMeeting = ({ shape, state }: Conversation): boolean => shape === 'meeting' && state === 'Conferenced';
const filters = ['Disabled', 'Enabled', undefined] as const;
const setting = (filter: (typeof filters)[number]): { messageFilterState?: 'Disabled' | 'Enabled' } =>
  filter === undefined ? {} : { messageFilterState: filter };

/** Whom an SA may name on a leg: its tenant's people, visitors, itself, in any spelling. */
function nameable(story: Story): string[] {
  const visitors = story.scene.all('ucwaApplication').filter(({ audience }) => audience === 'anonymous');
  return [
    ...people.flatMap(({ uri }) => [uri, uri.replace('sip:', 'SIP:')]),
    ...visitors.map(({ uri }) => uri),
    ...endpoints.map(({ uri }) => uri),
  ];
}

/** A change of the list of those who are heard; the wish is kept when it was granted. */
async function change(
  story: Story,
  chance: Chance,
  name: string,
  decide: (world: World, caller: Conversation['owner'], leg: Conversation, uri: string) => void,
  wish: (leg: Conversation, uri: string) => void,
): Promise<void> {
  const leg = choose(story, chance, isBridged);
  if (leg === undefined) return;
  const named = leg.bridge?.participants.map(({ uri }) => uri) ?? [];
  const uri = pick(name === 'name' || named.length === 0 ? nameable(story) : named, chance.b) ?? '';
  const caller = callerFor(story.scene, leg, chance);
  const stranger = isStranger(caller, leg);
  const done = await story.act(
    name,
    (world) => {
      decide(world, caller.owner, leg, uri);
      return true;
    },
    stranger,
  );
  if (done) wish(leg, uri);
}

export const inConversation: Readonly<Record<string, Play>> = {
  send: async (story, chance) => {
    const conversation = choose(story, chance, talks);
    if (conversation === undefined) return;
    const { owner } = callerFor(story.scene, conversation, chance);
    await story.say(conversation, chance.c % 6 === 5 ? 'text/html' : 'text/plain', owner);
  },
  type: async (story, chance) => {
    const conversation = choose(story, chance, talks);
    if (conversation === undefined) return;
    const { owner } = callerFor(story.scene, conversation, chance);
    const readers = readersOf(story.scene, story.wishes, conversation.id);
    await story.act('type', (world) => setTyping(world, owner, conversation.id));
    story.onlyReadersWereTold(readers);
  },
  name: (story, chance) => {
    const filter = filters[chance.c % 3];
    const input = { displayName: `Helper ${chance.c % 4}`, ...setting(filter) };
    return change(
      story,
      chance,
      'name',
      (world, caller, leg, participantUri) =>
        addBridgedParticipant(world, caller, leg.id, { ...input, participantUri }),
      (leg, uri) => story.wishes.name(leg.id, uri, filter),
    );
  },
  rename: (story, chance) => {
    const filter = filters[chance.c % 3];
    const input = { displayName: `Helper ${chance.c % 4}`, ...setting(filter) };
    return change(
      story,
      chance,
      'rename',
      (world, caller, leg, uri) => changeBridgedParticipant(world, caller, leg.id, uri.replace(/^sip:/i, ''), input),
      (leg, uri) => story.wishes.name(leg.id, uri, filter),
    );
  },
  unname: (story, chance) =>
    change(
      story,
      chance,
      'unname',
      (world, caller, leg, uri) => removeBridgedParticipant(world, caller, leg.id, uri.replace(/^sip:/i, '')),
      (leg, uri) => story.wishes.remove(leg.id, uri),
    ),
  ...inOne('stopMessaging', talks, (world, caller, { id }) => stopMessaging(world, caller, id)),
  ...inOne('terminate', isInMeeting, (world, caller, { id }) => terminateOnlineMeeting(world, caller, id)),
  ...inOne(
    'hangUp',
    () => true,
    (world, caller, { id }) => endConversation(world, rememberedConversation(world, caller, id).id),
  ),
  ...inOne('eject', isInMeeting, (world, caller, conversation, { c }) => {
    const entry = pick(rosterOf(world, conversation), c);
    eject(world, caller, conversation.id, entry?.id ?? 'nobody@contoso.com');
  }),
};
