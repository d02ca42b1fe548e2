/** The reader of a conversation or of a UCWA application, from what is stored. */
import type { Conversation, ConversationOwner, UcwaApplication } from '../model/documents.ts';
import { serviceClientKey } from '../model/registration.ts';
import type { Look } from '../model/world.ts';
import { serviceFaceOf } from './application.ts';
import type { Face, UcwaFace } from './face.ts';

export const ucwaFace = (application: Pick<UcwaApplication, 'id' | 'audience'>): UcwaFace => ({
  kind: 'ucwa',
  applicationId: application.id,
  audience: application.audience,
});

/** @throws Error when the endpoint or the application has been removed meanwhile */
export function faceOf(look: Look, owner: ConversationOwner): Face {
  if (owner.face === 'ucwa') {
    const application = look.get('ucwaApplication', owner.applicationId);
    if (application === undefined) throw new Error(`UCWA application ${owner.applicationId} is named but not stored`);
    return ucwaFace(application);
  }
  const endpoint = look.get('endpoint', owner.endpointUri);
  const client =
    endpoint === undefined
      ? undefined
      : look.get('serviceClient', serviceClientKey(endpoint.tenantId, endpoint.clientId));
  if (endpoint === undefined || client === undefined)
    throw new Error(`Endpoint ${owner.endpointUri} is not registered`);
  return serviceFaceOf(client, endpoint);
}

/** Privileged applications are offered startMessagingWithIdentity (reference/service-api.md 5). */
export function isPrivileged(look: Look, conversation: Conversation): boolean {
  if (conversation.owner.face !== 'service') return false;
  const endpoint = look.get('endpoint', conversation.owner.endpointUri);
  if (endpoint === undefined) return false;
  return look.get('serviceClient', serviceClientKey(endpoint.tenantId, endpoint.clientId))?.privileged ?? false;
}
