/**
 * Who hears whom in a meeting with bridged visitors. The only place that decides it, and it denies by default
 * (reference/service-api.md 10 "messageFilterState, by direction"):
 * - members of the meeting hear everybody, once they have joined its messaging;
 * - a visitor hears only those whom the SA has bridged on that visitor's own leg with the filter Disabled.
 */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import { messagesPass } from '@repo/ucwa-protocol/states';
import type { Bridge, BridgedParticipant, Meeting, MeetingMember } from './documents.ts';

/** The name under which a leg hears a speaker, or undefined: it hears nothing. */
export function heardAs(bridge: Bridge | undefined, speakerUri: string): BridgedParticipant | undefined {
  const speaker = normalizeSipUri(speakerUri);
  const bridged = bridge?.participants.find((participant) => normalizeSipUri(participant.uri) === speaker);
  return bridged !== undefined && messagesPass(bridged.messageFilterState) ? bridged : undefined;
}

export interface Hearers {
  readonly members: readonly MeetingMember[];
  readonly legs: readonly { readonly legId: string; readonly as: BridgedParticipant }[];
}

/**
 * @param speaker his uri and the view he speaks from; for a visitor the SA's view of his leg
 * @param bridgeOf the bridge of a leg, by the id of the SA's view of it
 */
export function hearers(
  meeting: Meeting,
  speaker: { readonly uri: string; readonly conversationId: string },
  bridgeOf: (legId: string) => Bridge | undefined,
): Hearers {
  const others = meeting.members.filter((member) => member.conversationId !== speaker.conversationId);
  return {
    members: others.filter((member) => member.role !== 'visitor' && member.usesMessaging),
    legs: others
      .filter((member) => member.role === 'visitor')
      .flatMap(({ conversationId: legId }) => {
        const bridge = bridgeOf(legId);
        const as = bridge?.meetingUri === meeting.uri ? heardAs(bridge, speaker.uri) : undefined;
        return as === undefined ? [] : [{ legId, as }];
      }),
  };
}
