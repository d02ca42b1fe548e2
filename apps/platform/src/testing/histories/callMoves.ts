/** Calls ring, are taken, refused or bridged; meetings begin and people are called into them. */
import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { Conversation, Invitation } from '../../model/documents.ts';
import { addMessaging } from '../../model/messaging.ts';
import {
  acceptAndBridge,
  acceptMessaging,
  type Caller,
  declineMessaging,
  startMessaging,
} from '../../model/messagingInvitation.ts';
import {
  acceptMeeting,
  declineMeeting,
  joinOnlineMeeting,
  startAdhocMeeting,
} from '../../model/onlineMeetingInvitation.ts';
import { addParticipant, cancelParticipant, inviteUserToMeeting } from '../../model/participantInvitation.ts';
import { type Chance, callerFor, callers, isStranger, living, type Play, pick } from './chance.ts';
import { endpoints, people } from './scene.ts';
import type { Story } from './story.ts';

/** Whom one may try to reach: everybody there is, and nobody. */
const addresses = [...people.map(({ uri }) => uri), ...endpoints.map(({ uri }) => uri), 'sip:nobody@contoso.com'];

async function call(story: Story, caller: Caller, to: string, { b }: Chance, stranger: boolean): Promise<void> {
  const text = b % 3 === 0 ? story.newText() : undefined;
  const message = text === undefined ? {} : { message: toDataUri('text/plain;charset=utf-8', text) };
  await story.act(
    'call',
    (world) => startMessaging(world, caller, { operationId: `op-${b}`, to, subject: 'Where is it?', ...message }),
    stranger,
    ({ id }) => story.expectFirstText(id, text),
  );
}

/** Calls of a direction and kind that ring; every now and then one that is over. */
function ringing(story: Story, kind: Invitation['kind'], isOnes: (leg: Conversation) => boolean, { a, b }: Chance) {
  const incoming = story.scene.all('invitation').filter((one) => {
    const leg = story.scene.get('conversation', one.conversationId);
    return one.kind === kind && one.direction === 'Incoming' && leg !== undefined && isOnes(leg);
  });
  const open = incoming.filter(({ state }) => state === 'Connecting');
  const invitation = pick(b % 8 === 7 || open.length === 0 ? incoming : open, a);
  const leg = story.scene.get('conversation', invitation?.conversationId ?? '');
  return invitation === undefined || leg === undefined ? undefined : { invitation, leg };
}

const isService = ({ owner }: Conversation): boolean => owner.face === 'service';
const isPersons = ({ owner }: Conversation): boolean => owner.face === 'ucwa';
/** A call of two persons becomes a meeting by it. */
const mayCallIn = (leg: Conversation): boolean => isLegInMeeting(leg) || leg.escalates === true;
const isLegInMeeting = ({ shape, state }: Conversation): boolean => shape === 'meeting' && state === 'Conferenced';

function answer(
  name: string,
  kind: Invitation['kind'],
  isOnes: (leg: Conversation) => boolean,
  decide: (...given: Parameters<typeof declineMeeting>) => void,
): Readonly<Record<string, Play>> {
  return {
    [name]: async (story, chance) => {
      const found = ringing(story, kind, isOnes, chance);
      if (found === undefined) return;
      const caller = callerFor(story.scene, found.leg, chance);
      await story.act(
        name,
        (world) => {
          decide(world, caller.owner, found.invitation.id);
          return true;
        },
        isStranger(caller, found.leg),
      );
    },
  };
}

/** The only meeting that a guest's token opens. */
const guestsMeeting = (story: Story, caller: Caller | undefined): string | undefined =>
  caller?.owner.face === 'ucwa'
    ? story.scene.get('ucwaApplication', caller.owner.applicationId)?.meetingUri
    : undefined;

export const calls: Readonly<Record<string, Play>> = {
  callHelpdesk: async (story, chance) => {
    const visitor = pick(
      story.scene.all('ucwaApplication').filter((one) => one.audience === 'anonymous' && one.ended === undefined),
      chance.a,
    );
    const caller = callers(story.scene).find(
      ({ owner }) => owner.face === 'ucwa' && owner.applicationId === visitor?.id,
    );
    if (visitor === undefined || caller === undefined) return;
    const to = (chance.stray ? pick(addresses, chance.c) : visitor.helpdeskUri) ?? '';
    await call(story, caller, to, chance, to !== visitor.helpdeskUri);
  },
  callPerson: async (story, chance) => {
    const caller = pick(callers(story.scene), chance.a);
    const to = pick(addresses, chance.c) ?? '';
    const visitor =
      caller?.owner.face === 'ucwa' ? story.scene.get('ucwaApplication', caller.owner.applicationId) : undefined;
    if (caller === undefined || visitor?.audience === 'anonymous') return;
    await call(story, caller, to, chance, false);
  },
  acceptAndBridge: async (story, chance) => {
    const found = ringing(story, 'messagingInvitation', isService, chance);
    if (found === undefined) return;
    const caller = callerFor(story.scene, found.leg, chance);
    const meetings = story.scene.all('meeting');
    const own = meetings.filter(({ tenantId, ended }) => tenantId === caller.tenantId && !ended);
    const meeting = pick(chance.stray || own.length === 0 ? meetings : own, chance.b);
    if (meeting === undefined) return;
    await story.act(
      'acceptAndBridge',
      (world) => {
        const input = { onlineMeetingUri: meeting.uri, impersonatedDisplayName: 'The company' };
        acceptAndBridge(world, caller, found.invitation.id, input);
        return true;
      },
      isStranger(caller, found.leg) || meeting.tenantId !== caller.tenantId,
    );
  },
  ...answer('accept', 'messagingInvitation', isPersons, acceptMessaging),
  ...answer('decline', 'messagingInvitation', () => true, declineMessaging),
  ...answer('comeIn', 'onlineMeetingInvitation', isPersons, acceptMeeting),
  ...answer('declineMeeting', 'onlineMeetingInvitation', isPersons, declineMeeting),
  startMeeting: async (story, { a }) => {
    const able = callers(story.scene).filter(({ local }) => !local.uri.endsWith('@anonymous.invalid'));
    const caller = pick(able, a);
    if (caller === undefined) return;
    await story.act('startMeeting', (world) =>
      startAdhocMeeting(world, caller, { operationId: 'meet', subject: 'Meeting Secretname' }),
    );
  },
  join: async (story, { a, b, c, stray }) => {
    const caller = pick(callers(story.scene), a);
    const own = guestsMeeting(story, caller);
    const meeting = pick(
      story.scene.all('meeting').filter(({ uri }) => stray || c % 4 === 3 || own === undefined || uri === own),
      b,
    );
    if (caller === undefined || meeting === undefined) return;
    const isVisitors = caller.local.uri.endsWith('@anonymous.invalid');
    await story.act(
      'join',
      (world) => joinOnlineMeeting(world, caller, { operationId: 'join', onlineMeetingUri: meeting.uri }),
      meeting.tenantId !== caller.tenantId || (isVisitors && meeting.uri !== own),
    );
  },
  addMessaging: async (story, chance) => {
    const legs = living(story.scene).filter(isLegInMeeting);
    const silent = legs.filter(({ messaging }) => messaging === 'Disconnected');
    const leg = pick(silent.length > 0 ? silent : legs, chance.a);
    if (leg === undefined) return;
    const caller = callerFor(story.scene, leg, chance);
    const text = chance.b % 4 === 3 ? story.newText() : undefined;
    const message = text === undefined ? {} : { message: toDataUri('text/plain;charset=utf-8', text) };
    await story.act(
      'addMessaging',
      (world) => addMessaging(world, caller.owner, leg.id, message),
      isStranger(caller, leg),
      ({ id }) => story.expectFirstText(id, text),
    );
  },
  callIn: async (story, chance) => {
    const leg = pick(living(story.scene).filter(mayCallIn), chance.a);
    const to = pick(chance.b % 5 === 4 ? addresses : people.map(({ uri }) => uri), chance.b) ?? '';
    if (leg === undefined) return;
    const caller = callerFor(story.scene, leg, chance);
    await story.act(
      'callIn',
      (world) => addParticipant(world, caller, leg.id, { operationId: 'in', to }),
      isStranger(caller, leg),
    );
  },
  cancelCall: async (story, chance) => {
    const rung = story.scene.all('invitation').filter(({ kind }) => kind === 'participantInvitation');
    const invitation = pick(rung, chance.a);
    const leg = story.scene.get('conversation', invitation?.conversationId ?? '');
    if (invitation === undefined || leg === undefined) return;
    const caller = callerFor(story.scene, leg, chance);
    await story.act(
      'cancelCall',
      (world) => {
        cancelParticipant(world, caller.owner, 'participantInvitation', invitation.id);
        return true;
      },
      isStranger(caller, leg),
    );
  },
  inviteUser: async (story, { a, b, c }) => {
    const caller = pick(callers(story.scene).slice(0, endpoints.length), a);
    const meeting = pick(story.scene.all('meeting'), b);
    const to = pick(people, c)?.uri ?? '';
    if (caller === undefined || meeting === undefined) return;
    await story.act(
      'inviteUser',
      (world) => inviteUserToMeeting(world, caller, { operationId: 'user', to, onlineMeetingUri: meeting.uri }),
      meeting.tenantId !== caller.tenantId,
    );
  },
};
