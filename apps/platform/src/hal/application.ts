/** The entry points of a service application: application, its communication and its meetings (reference/service-api.md 2, 5). */
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { type Endpoint, permissions, type ServiceClient } from '../model/registration.ts';
import { rel, type ServiceFace } from './face.ts';
import { href } from './href.ts';

/** How the service application behind an endpoint reads its resources. */
export function serviceFaceOf(client: ServiceClient, endpoint: Endpoint): ServiceFace {
  return {
    kind: 'service',
    tenantId: endpoint.tenantId,
    applicationId: endpoint.applicationId,
    endpointUri: endpoint.uri,
    prefix: client.relPrefix,
    permissions: client.permissions,
  };
}

/** A link that is present only when the capability is: absent = not available now. */
const capability = (granted: boolean, name: string, target: string): Links =>
  granted ? { [name]: { href: target } } : {};

/** Also the embedded `application` of an incoming invitation (reference/service-api.md 6.1). */
export function applicationResource(face: ServiceFace, privileged: boolean): Resource {
  const has = (permission: string): boolean => face.permissions.includes(permission);
  return {
    _links: {
      self: { href: href.application(face) },
      ...capability(has(permissions.guestJoin), rel(face, 'anonApplicationTokens'), href.anonApplicationTokens(face)),
    },
    _embedded: {
      [rel(face, 'communication')]: communicationResource(face, privileged),
      [bareRels.myOnlineMeetings]: myOnlineMeetingsResource(face),
      ...(has(permissions.createAdhocMeetings) ? { [rel(face, 'adhocMeetings')]: adhocMeetingsResource(face) } : {}),
    },
    rel: rel(face, 'application'),
  };
}

export function adhocMeetingsResource(face: ServiceFace): Resource {
  return { _links: { self: { href: href.adhocMeetings(face) } }, rel: rel(face, 'adhocMeetings') };
}

/** Scheduled meetings, as in the captures: only the link to them, for there are none. */
export function myOnlineMeetingsResource(face: ServiceFace): Resource {
  return { _links: { self: { href: href.myOnlineMeetings(face) } }, rel: bareRels.myOnlineMeetings };
}

/** The etag is constant: nothing of it is versioned (reference/service-api.md 5). */
export function communicationResource(face: ServiceFace, privileged: boolean): Resource {
  const has = (permission: string): boolean => face.permissions.includes(permission);
  const start = privileged ? 'startMessagingWithIdentity' : 'startMessaging';
  return {
    _links: {
      self: { href: href.communication(face) },
      ...capability(
        has(permissions.joinAndManageMeetings),
        rel(face, 'joinOnlineMeeting'),
        href.joinOnlineMeeting(face),
      ),
      ...capability(
        has(permissions.joinAndManageMeetings),
        rel(face, 'inviteUserToMeeting'),
        href.inviteUserToMeeting(face),
      ),
      ...capability(has(permissions.instantMessages), rel(face, start), href.startMessaging(face)),
    },
    rel: rel(face, 'communication'),
    etag: '4294967295',
  };
}
