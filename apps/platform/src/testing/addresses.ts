/** Fills the parameters of any registered route with the ids of a call. */
import type { Call } from './injectedCall.ts';

/** Whose token opens a route; `nobody` for the operator's and the public ones. */
export type RouteKind = 'service' | 'anonymous' | 'agent' | 'nobody';

export const kindOf = (url: string): RouteKind =>
  url.startsWith('/platformservice')
    ? 'service'
    : url.startsWith('/ucwa/psanon')
      ? 'anonymous'
      : url.startsWith('/ucwa/oauth')
        ? 'agent'
        : 'nobody';

/** Fills the parameters of a route: who is asked comes from one call, what is asked for from the victim's. */
export function addressOf(url: string, who: Call, what: Call, isLeg: boolean): string {
  const side = kindOf(url) === 'agent' ? 'agent' : 'visitor';
  const isService = kindOf(url) === 'service';
  const conversationId = isService ? (isLeg ? what.legId : what.meetingLegId) : what[side].conversationId;
  const values: Readonly<Record<string, string>> = {
    applicationId: who.applicationId,
    tgt: who.tgt,
    id: who[side].id,
    conversationId,
    invitationId: isService ? what.incomingId : what[side].invitationId,
    number: '2',
    uri: what.agent.uri.replace('sip:', ''),
    participantId: what.agent.uri.replace('sip:', ''),
    key: what.meetingUri.split(':').at(-1) ?? '',
    domain: what.domain,
    tenant: what.domain,
    clientId: 'desk',
    sipUri: what.agent.uri,
  };
  const path = url.replace(/:(\w+)/g, (_all, name: string) => values[name] ?? what.legId).replaceAll('*', what.legId);
  const query = new URLSearchParams({ conversation: conversationId, conversationId, ack: '1', timeout: '1' });
  return `${path}?endpointId=${who.endpointUri}&${query.toString()}`;
}
