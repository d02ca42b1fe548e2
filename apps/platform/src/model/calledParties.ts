/**
 * Who rings when a uri is called: the service application behind an endpoint, every available instance of a person, or a
 * visitor who is signed in, whom only its own helpdesk may call (reference/service-api.md 6.1, reference/errors.md 4).
 */
import type { ErrorBody } from '@repo/ucwa-protocol/errorCodes';
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { UcwaApplication } from './documents.ts';
import type { Caller } from './messagingInvitation.ts';
import { endpointParty } from './onlineMeeting.ts';
import { availableApplications } from './presence.ts';
import { reason } from './refusal.ts';
import { permissions, serviceClientKey } from './registration.ts';
import type { Look } from './world.ts';

/** @param to normalized. @returns nobody when the uri is unknown or cannot be reached now */
export function calledParties(look: Look, caller: Caller, to: string): Pick<Caller, 'owner' | 'local'>[] {
  const { tenantId } = caller;
  const endpoint = look.get('endpoint', to);
  if (endpoint !== undefined && endpoint.tenantId === tenantId) {
    const client = look.get('serviceClient', serviceClientKey(tenantId, endpoint.clientId));
    if (client?.permissions.includes(permissions.instantMessages) !== true) return [];
    return [
      { owner: { face: 'service', tenantId, endpointUri: endpoint.uri }, local: endpointParty(look, endpoint.uri) },
    ];
  }
  const visitor = ownVisitor(look, caller, to);
  if (visitor !== undefined) return visitor.ended === undefined ? [partyOf(visitor)] : [];
  if (look.get('person', to)?.tenantId !== tenantId) return [];
  // Who calls itself means its other instances.
  const isOther = ({ id }: UcwaApplication) => caller.owner.face === 'service' || caller.owner.applicationId !== id;
  return availableApplications(look, to).filter(isOther).map(partyOf);
}

const partyOf = ({ id, uri, name }: UcwaApplication): Pick<Caller, 'owner' | 'local'> => ({
  owner: { face: 'ucwa', applicationId: id },
  local: { uri, name },
});

/** A visitor's number is the id of its application; a token was issued by one endpoint, and nobody else knows the visitor. */
function ownVisitor(look: Look, { owner }: Caller, to: string): UcwaApplication | undefined {
  const id = /^sip:(\d+)@anonymous\.invalid$/.exec(to)?.[1];
  const application = id === undefined ? undefined : look.get('ucwaApplication', id);
  const isOwn =
    owner.face === 'service' &&
    application?.tenantId === owner.tenantId &&
    application.helpdeskUri === owner.endpointUri;
  return isOwn ? application : undefined;
}

/** Known but nobody there, or not known at all (reference/errors.md 4). */
export function unreachable(look: Look, caller: Caller, to: string): ErrorBody {
  const uri = normalizeSipUri(to);
  const known = look.get('person', uri) ?? look.get('endpoint', uri) ?? ownVisitor(look, caller, uri);
  return known?.tenantId === caller.tenantId
    ? reason('RemoteFailure', 'Unreachable')
    : reason('NotFound', 'DestinationNotFound');
}
