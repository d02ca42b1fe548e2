/** Meetings that an SA makes without joining them, and what it may ask for (reference/service-api.md 4). */
import { normalizeSipUri, sipDomain } from '@repo/ucwa-protocol/sipUri';
import type { Meeting, MeetingRules } from './documents.ts';
import type { Caller } from './messagingInvitation.ts';
import { canonicalMeetingUri, createMeeting } from './onlineMeeting.ts';
import { RefusalError } from './refusal.ts';
import { endMeeting } from './teardown.ts';
import type { Look, World } from './world.ts';

/** What holds when the SA asks for nothing, and for every meeting that startAdhocMeeting makes. */
const defaultRules: MeetingRules = {
  description: '',
  accessLevel: 'Everyone',
  leaders: [],
  attendees: [],
  automaticLeaderAssignment: 'Disabled',
  entryExitAnnouncement: 'Disabled',
  phoneUserAdmission: 'Disabled',
  lobbyBypassForPhoneUsers: 'Disabled',
};

export const rulesOf = (meeting: Meeting): MeetingRules => ({ ...defaultRules, ...meeting.rules });

export interface AdhocMeetingInput {
  readonly subject?: string;
  readonly rules: Partial<MeetingRules>;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** @throws RefusalError 409 TooManyOnlineMeetings */
export function createAdhocMeeting(world: World, caller: Caller, input: AdhocMeetingInput): { readonly uri: string } {
  const { subject = '', ...asked } = input;
  const meeting = createMeeting(world, caller.tenantId, sipDomain(caller.local.uri), subject, asked);
  const living = world.get('meetingCount', meeting.organizerUri)?.living ?? 0;
  if (living >= world.settings.maxOnlineMeetings) throw new RefusalError(409, 'TooManyOnlineMeetings');
  world.put('meetingCount', meeting.organizerUri, { living: living + 1 });
  world.put('meeting', meeting.uri, { ...meeting, counted: true });
  return { uri: meeting.uri };
}

/** A meeting of the caller's tenant, also when it is over. A foreign one looks like an unknown one. @throws RefusalError 404 */
export function rememberedMeeting(look: Look, tenantId: string, uri: string): Meeting {
  const meeting = look.get('meeting', canonicalMeetingUri(uri));
  if (meeting?.tenantId !== tenantId) throw new RefusalError(404, undefined, 'no such meeting');
  return meeting;
}

/** The meeting is over for everybody. One that was over already stays so. @throws RefusalError 404 */
export function deleteAdhocMeeting(world: World, tenantId: string, uri: string): void {
  endMeeting(world, rememberedMeeting(world, tenantId, uri).uri);
}

/** Whether a person leads the meeting; everybody else is an attendee. Whose uri is of the tenant is for the caller to know. */
export function isLeader(meeting: Meeting, personUri: string): boolean {
  const { automaticLeaderAssignment, leaders } = rulesOf(meeting);
  if (automaticLeaderAssignment !== 'Disabled') return !personUri.endsWith('@anonymous.invalid');
  return leaders.some((uri) => normalizeSipUri(uri) === normalizeSipUri(personUri));
}

const isVisitorUri = (uri: string): boolean => uri.endsWith('@anonymous.invalid');

/**
 * Whether a person may come without being called in. SAs, and whom they call in, always may (reference/call-flow.md F19).
 */
export function mayComeUncalled(meeting: Meeting, personUri: string): boolean {
  const { accessLevel, leaders, attendees } = rulesOf(meeting);
  if (accessLevel === 'Everyone') return true;
  // Everybody else who can ask is of the meeting's own tenant.
  if (accessLevel === 'SameEnterprise') return !isVisitorUri(personUri);
  const isNamed = [...leaders, ...attendees].some((uri) => normalizeSipUri(uri) === normalizeSipUri(personUri));
  return accessLevel === 'Invited' && isNamed;
}
