/**
 * Which states may follow which, as a table. Every write of a decision is held against it, also those that the next write of the
 * same decision replaces (reference/service-api.md 6 to 12, reference/ucwa-api.md 5 to 7).
 */
import type { Conversation, Invitation, Meeting, UcwaApplication } from '../../model/documents.ts';
import type { Write } from './scene.ts';

type Table = Readonly<Record<string, readonly string[]>>;

/** `none`: there was no document. Disconnected and Failed are the end. */
const conversationStates: Readonly<Record<Conversation['shape'], Table>> = {
  twoParty: {
    none: ['Connecting', 'Incoming'],
    Connecting: ['Connected', 'Disconnected'],
    Incoming: ['Connected', 'Disconnected'],
    Connected: ['Disconnected'],
    Disconnected: [],
  },
  meeting: {
    none: ['Connecting', 'Incoming'],
    // Conferenced straight from Connecting is the way of no call.
    Connecting: ['Conferencing', 'Disconnected'],
    Incoming: ['Conferenced', 'Disconnected'],
    // A call of two persons that has become a meeting.
    Connected: ['Conferencing'],
    Conferencing: ['Conferenced', 'Disconnected'],
    Conferenced: ['Disconnected'],
    Disconnected: [],
  },
};
const messagingStates: Readonly<Record<Conversation['shape'], Table>> = {
  // A two-party call has no life without messaging: once Disconnected it is over.
  twoParty: { none: ['Connecting'], Connecting: ['Connected', 'Disconnected'], Connected: ['Disconnected'] },
  meeting: {
    none: ['Disconnected'],
    Disconnected: ['Connecting'],
    Connecting: ['Connected', 'Disconnected'],
    Connected: ['Disconnected'],
  },
};
const invitationStates: Table = { none: ['Connecting'], Connecting: ['Connected', 'Failed'] };

/** @returns what is wrong with a write, undefined when it is one of the table's */
export function illegalChange({ kind, id, before, after }: Write): string | undefined {
  if (after === undefined) return illegalRemoval(kind, before);
  const say = (what: string): string => `${kind} ${id}: ${what}`;
  switch (kind) {
    case 'conversation': {
      const was = before as Conversation | undefined;
      const is = after as Conversation;
      if (was !== undefined && was.shape !== is.shape && !becomesMeeting(was, is)) return say('another shape');
      if (was !== undefined && JSON.stringify(was.owner) !== JSON.stringify(is.owner)) return say('another owner');
      if (was?.endedAt !== undefined && is.endedAt === undefined) return say('lives again');
      if ((was?.lastMessage ?? 0) > is.lastMessage) return say('counts messages backwards');
      if ((was?.lastTimeStamp ?? 0) > is.lastTimeStamp) return say('lets time go backwards');
      if (was?.bridge === undefined && is.bridge !== undefined && is.endedAt !== undefined) return say('bridged dead');
      return (
        refused(conversationStates[is.shape], was?.state, is.state, say) ??
        refused(messagingStates[is.shape], was?.messaging, is.messaging, say)
      );
    }
    case 'invitation':
      return refused(invitationStates, (before as Invitation | undefined)?.state, (after as Invitation).state, say);
    case 'meeting': {
      const [was, is] = [before as Meeting | undefined, after as Meeting];
      if (was?.ended === true && !is.ended) return say('goes on after its end');
      if (is.ended && is.members.length + is.ringing.length > 0) return say('has members after its end');
      return (was?.lastTimeStamp ?? 0) > is.lastTimeStamp ? say('lets time go backwards') : undefined;
    }
    case 'ucwaApplication': {
      const [was, is] = [before as UcwaApplication | undefined, after as UcwaApplication];
      if (was?.ended !== undefined && was.ended !== is.ended) return say(`${was.ended} -> ${is.ended ?? 'alive'}`);
      return is.ended !== undefined && is.available ? say('takes calls after its end') : undefined;
    }
    default:
      return undefined;
  }
}

/** Persons may call a third one into their call (reference/ucwa-api.md 6). */
const becomesMeeting = (was: Conversation, is: Conversation): boolean =>
  was.escalates === true && was.state === 'Connected' && is.shape === 'meeting' && is.state === 'Conferencing';

function refused(table: Table, was: string | undefined, is: string, say: (what: string) => string): string | undefined {
  if (was === is) return undefined;
  return table[was ?? 'none']?.includes(is) === true ? undefined : say(`${was ?? 'none'} -> ${is}`);
}

/** Only what has ended is forgotten. */
function illegalRemoval(kind: Write['kind'], before: unknown): string | undefined {
  if (before === undefined) return undefined;
  if (kind === 'conversation' && (before as Conversation).endedAt === undefined) return 'a living conversation is gone';
  if (kind === 'meeting' && !(before as Meeting).ended) return 'a living meeting is gone';
  if (kind === 'invitation' && (before as Invitation).state === 'Connecting') return 'a ringing invitation is gone';
  if (kind === 'ucwaApplication' && (before as UcwaApplication).ended === undefined)
    return 'a living application is gone';
  return undefined;
}
