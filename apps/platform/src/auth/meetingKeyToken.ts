/**
 * The token of somebody who knows nothing but a meeting's uri and its key (reference/auth.md 7 "anonmeeting"). Nobody gets one
 * unless the tenant has listed the origins of the pages that may join so.
 */

import type { Deps } from '../deps.ts';
import { mayComeUncalled } from '../model/adhocMeeting.ts';
import { canonicalMeetingUri } from '../model/onlineMeeting.ts';
import type { AnonymousPrincipal } from '../model/principal.ts';
import { isSameText } from './clientSecret.ts';
import type { IssuedToken } from './serviceToken.ts';

const lifetimeSeconds = 3600;

export interface MeetingKeyGrant {
  readonly uri: string | undefined;
  readonly key: string | undefined;
  /** An earlier token of the same meeting, to stay the same guest. */
  readonly renew: string | undefined;
}

/** @returns undefined without a reason: a stranger learns nothing about meetings */
export async function meetingKeyToken(
  deps: Deps,
  { uri, key, renew }: MeetingKeyGrant,
): Promise<(IssuedToken & { readonly tenantId: string }) | undefined> {
  if (uri === undefined || key === undefined) return undefined;
  const { meeting, origins } = await deps.store.read((snapshot) => {
    const found = snapshot.get('meeting', canonicalMeetingUri(uri));
    const tenants = snapshot.ids('tenant').map((domain) => snapshot.get('tenant', domain));
    const tenant = tenants.find((one) => one !== undefined && one.id === found?.tenantId);
    return { meeting: found, origins: tenant?.anonymousMeetingOrigins ?? [] };
  });
  if (meeting === undefined || meeting.ended || origins.length === 0) return undefined;
  if (!isSameText(key.toUpperCase(), meeting.key) || !mayComeUncalled(meeting, 'sip:0@anonymous.invalid'))
    return undefined;
  const before = await earlierGuest(deps, meeting.uri, renew);
  const { token } = await deps.tokens.anonymous.issue({
    tenantId: meeting.tenantId,
    endpointUri: meeting.organizerUri,
    applicationSessionId: before?.applicationSessionId ?? deps.newId(),
    allowedOrigins: origins,
    meetingUri: meeting.uri,
    routingUri: meeting.organizerUri,
    tokenId: deps.newId(),
    lifetimeSeconds,
  });
  return { token, expiresInSeconds: lifetimeSeconds, tenantId: meeting.tenantId };
}

async function earlierGuest(
  deps: Deps,
  meetingUri: string,
  token: string | undefined,
): Promise<AnonymousPrincipal | undefined> {
  if (token === undefined) return undefined;
  const guest = await deps.tokens.anonymous.verify(token).catch(() => undefined);
  return guest?.meetingUri === meetingUri ? guest : undefined;
}
