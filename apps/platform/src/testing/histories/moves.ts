/** What may happen next in a random history: its name and three numbers that choose among what is there. */
import fc from 'fast-check';
import { createAdhocMeeting, deleteAdhocMeeting } from '../../model/adhocMeeting.ts';
import { ucwaChannelId } from '../../model/channel.ts';
import { onCallbackGivenUp } from '../../model/onCallbackGivenUp.ts';
import { setPresence } from '../../model/presence.ts';
import { endApplication } from '../../model/ucwaApplication.ts';
import { calls } from './callMoves.ts';
import { type Chance, callers, living, type Play, pick } from './chance.ts';
import { inConversation } from './conversationMoves.ts';
import { endpoints } from './scene.ts';
import { signIns } from './signInMoves.ts';
import type { Story } from './story.ts';

export interface Move extends Chance {
  readonly name: string;
}

const durations = [1, 100, 9_999, 10_000, 30_000, 60_000, 14 * 60_000, 15 * 60_000, 3_600_000, 8 * 3_600_000];

const others: Readonly<Record<string, Play>> = {
  pass: (story, { a }) => story.pass(pick(durations, a) ?? 1),
  // Early numbers are short times, which leave most of what is there alive.
  passBriefly: (story, { a }) => story.pass(1 + (a % 12_000)),
  fetch: async (story, { a }) => {
    const application = pick(story.scene.all('ucwaApplication'), a);
    if (application === undefined) return;
    const id = ucwaChannelId(application.id);
    const last = story.scene.store.look((snapshot) => snapshot.events(id, 1, 100_000)).at(-1)?.seq ?? 0;
    await story.act('fetch', (world) => {
      const channel = world.get('channel', id);
      if (channel !== undefined) world.put('channel', id, { ...channel, acknowledgedSeq: last });
      if (application.ended === undefined && channel !== undefined)
        world.schedule({
          name: `ucwaApplication.idle:${application.id}`,
          dueAt: world.now + 900_000,
          kind: 'ucwaApplication.idle',
          id: application.id,
        });
    });
  },
  signOut: async (story, { a }) => {
    const application = pick(story.scene.all('ucwaApplication'), a);
    if (application !== undefined)
      await story.act('signOut', (world) => endApplication(world, application.id, 'SignedOut'));
  },
  presence: async (story, { a }) => {
    const application = pick(story.scene.all('ucwaApplication'), a);
    if (application !== undefined && application.ended === undefined)
      await story.act('presence', (world) => setPresence(world, application, 'Away'));
  },
  makeMeeting: async (story, { a, b }) => {
    const caller = pick(callers(story.scene).slice(0, endpoints.length), a);
    if (caller === undefined) return;
    const rules = { accessLevel: pick(['Everyone', 'Locked', 'Invited'] as const, b) ?? 'Everyone' };
    await story.act('makeMeeting', (world) =>
      createAdhocMeeting(world, caller, { subject: 'Meeting Secretname', rules, expiresAt: world.now + 3_600_000 }),
    );
  },
  deleteMeeting: async (story, { a, c, stray }) => {
    const meeting = pick(story.scene.all('meeting'), a);
    if (meeting === undefined) return;
    const tenantId = stray ? (pick(endpoints, c)?.tenantId ?? '') : meeting.tenantId;
    await story.act(
      'deleteMeeting',
      (world) => {
        deleteAdhocMeeting(world, tenantId, meeting.uri);
        return true;
      },
      tenantId !== meeting.tenantId,
    );
  },
  callbackGivenUp: async (story, { a }) => {
    const leg = pick(
      living(story.scene).filter(({ owner }) => owner.face === 'service'),
      a,
    );
    if (leg !== undefined) await story.act('callbackGivenUp', (world) => onCallbackGivenUp(world, leg.id));
  },
};

const plays: Readonly<Record<string, Play>> = { ...signIns, ...calls, ...inConversation, ...others };

/** How often each is tried, in proportion. */
const weights: Readonly<Record<string, number>> = {
  signInVisitor: 4,
  signInPerson: 4,
  signInGuest: 2,
  callHelpdesk: 5,
  callPerson: 4,
  acceptAndBridge: 6,
  accept: 5,
  decline: 1,
  startMeeting: 4,
  join: 4,
  addMessaging: 7,
  stopMessaging: 1,
  callIn: 6,
  inviteUser: 2,
  cancelCall: 1,
  comeIn: 6,
  declineMeeting: 1,
  name: 6,
  rename: 4,
  unname: 1,
  send: 16,
  type: 6,
  eject: 1,
  terminate: 1,
  hangUp: 2,
  pass: 2,
  passBriefly: 3,
  fetch: 4,
  signOut: 1,
  presence: 1,
  makeMeeting: 1,
  deleteMeeting: 1,
  callbackGivenUp: 1,
};

const chance = { a: fc.nat(999), b: fc.nat(999), c: fc.nat(999) };
const anyMove: fc.Arbitrary<Move> = fc.record({
  name: fc.constantFrom(...Object.entries(weights).flatMap(([name, weight]) => Array<string>(weight).fill(name))),
  ...chance,
  stray: fc.nat(9).map((number) => number === 9),
});

const first = (name: string, a = 0, b = 0): Move => ({ name, a, b, c: 0, stray: false });
/** The way into a bridged chat with an agent in it, so that many histories begin where it gets interesting. */
const bridged: readonly Move[] = [
  first('signInVisitor'),
  first('signInPerson'),
  first('callHelpdesk'),
  first('startMeeting'),
  first('addMessaging'),
  first('acceptAndBridge'),
  first('callIn'),
  first('comeIn'),
  first('addMessaging'),
  first('name', 0, 0),
];
const twoVisitors: readonly Move[] = [
  ...bridged,
  first('signInVisitor', 1),
  first('callHelpdesk', 1),
  first('acceptAndBridge'),
  first('name', 1, 0),
];

export const histories: fc.Arbitrary<Move[]> = fc
  .tuple(fc.constantFrom<readonly Move[]>([], bridged, twoVisitors), fc.array(anyMove, { minLength: 5, maxLength: 45 }))
  .map(([beginning, rest]) => [...beginning, ...rest]);

/** @throws Error for a move that nobody knows, and whatever is no refusal */
export async function play(story: Story, move: Move): Promise<void> {
  const playIt = plays[move.name];
  if (playIt === undefined) throw new Error(`nobody knows ${move.name}`);
  await playIt(story, move);
}
