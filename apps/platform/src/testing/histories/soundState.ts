/** What must hold between the documents whenever nobody is deciding. */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { Conversation, Meeting } from '../../model/documents.ts';
import type { Scene } from './scene.ts';

/** @returns every contradiction, in words */
export function contradictions(scene: Scene): string[] {
  const conversations = scene.all('conversation');
  const meetings = scene.all('meeting');
  return [
    ...conversations.flatMap((conversation) => ofConversation(scene, conversation)),
    ...meetings.flatMap((meeting) => ofMeeting(scene, meeting)),
    ...ofApplications(scene, conversations),
    ...ofInvitations(scene),
  ];
}

const lives = (conversation: Conversation | undefined): boolean =>
  conversation !== undefined && conversation.endedAt === undefined;

function ofConversation(scene: Scene, conversation: Conversation): string[] {
  const { id, shape, state, messaging, bridge, meetingUri, roster, typing } = conversation;
  const wrong: string[] = [];
  const must = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(`conversation ${id} (${shape} ${state}): ${what}`);
  };
  if (!lives(conversation)) {
    must(state === 'Disconnected' && messaging === 'Disconnected', 'ended and not Disconnected');
    must(roster.length + typing.length === 0 && bridge === undefined, 'ended and not empty');
    return wrong;
  }
  must(state !== 'Disconnected', 'Disconnected and not ended');
  must(new Set(roster.map((entry) => entry.id)).size === roster.length, 'somebody is twice in the roster');
  must(new Set(typing).size === typing.length, 'somebody is typing twice');
  must(messaging === 'Connected' || typing.length === 0, 'typing without messaging');
  const tenant = scene.callerOf(conversation).tenantId;
  if (shape === 'twoParty') {
    const peer = scene.get('conversation', conversation.peerId ?? '');
    must(peer === undefined || scene.callerOf(peer).tenantId === tenant, 'talks to another tenant');
    if (state === 'Connected') {
      must(lives(peer), 'connected to nobody');
      must(peer?.peerId === id, 'its peer knows another');
      must(messaging === 'Connected' && peer?.messaging === 'Connected', 'connected without messaging');
    }
  }
  if (bridge !== undefined) {
    const members = scene.get('meeting', bridge.meetingUri)?.members ?? [];
    must(shape === 'twoParty' && conversation.owner.face === 'service', 'a bridge where none belongs');
    must(members.filter((one) => one.conversationId === id && one.role === 'visitor').length === 1, 'bridged nowhere');
    must(new Set(bridge.participants.map(({ uri }) => uri)).size === bridge.participants.length, 'bridged twice');
  }
  if (state === 'Conferenced') {
    const members = scene.get('meeting', meetingUri ?? '')?.members ?? [];
    const own = members.filter((member) => member.conversationId === id);
    must(scene.get('meeting', meetingUri ?? '')?.tenantId === tenant, 'in a meeting of another tenant');
    must(own.length === 1, 'not in the meeting that it is in');
    must(own[0]?.usesMessaging === (messaging === 'Connected'), 'the meeting is mistaken about its messaging');
  }
  return wrong;
}

function ofMeeting(scene: Scene, meeting: Meeting): string[] {
  const wrong: string[] = [];
  const agents = meeting.members.filter((member) => member.role === 'agent').map(({ uri }) => normalizeSipUri(uri));
  if (new Set(agents).size < agents.length) wrong.push(`${meeting.uri}: a person is there twice`);
  for (const member of meeting.members) {
    const view = scene.get('conversation', member.conversationId);
    const isIn =
      member.role === 'visitor'
        ? view?.bridge?.meetingUri === meeting.uri
        : view?.meetingUri === meeting.uri && view.state === 'Conferenced';
    if (!lives(view) || !isIn) wrong.push(`${meeting.uri}: ${member.uri} (${member.role}) is a ghost`);
  }
  for (const id of meeting.ringing) {
    if (scene.get('invitation', id)?.state !== 'Connecting') wrong.push(`${meeting.uri}: rings after the end`);
  }
  return wrong;
}

function ofApplications(scene: Scene, conversations: readonly Conversation[]): string[] {
  return scene.all('ucwaApplication').flatMap(({ id, ended, conversationIds }) => {
    const own = conversations.filter(({ owner }) => owner.face === 'ucwa' && owner.applicationId === id).filter(lives);
    const listed = JSON.stringify(conversationIds.toSorted());
    if (listed !== JSON.stringify(own.map((one) => one.id).toSorted())) return [`application ${id}: lists ${listed}`];
    return ended !== undefined && own.length > 0 ? [`application ${id}: talks after its end`] : [];
  });
}

/** Whoever waits for an answer waits with a clock. */
function ofInvitations(scene: Scene): string[] {
  const timers = new Set(
    scene.store.look((snapshot) => snapshot.timersDue(Number.MAX_SAFE_INTEGER, 100_000)).map(({ name }) => name),
  );
  return scene.all('invitation').flatMap((invitation) => {
    const { id, direction, state, conversationId, counterpartIds } = invitation;
    if (state !== 'Connecting') return [];
    if (!lives(scene.get('conversation', conversationId))) return [`invitation ${id}: rings in a dead conversation`];
    if (direction === 'Outgoing') return timers.has(`ring:${id}`) ? [] : [`invitation ${id}: rings for ever`];
    const caller = scene.get('invitation', counterpartIds[0] ?? '');
    return caller?.state === 'Connecting' ? [] : [`invitation ${id}: rings and nobody calls`];
  });
}
