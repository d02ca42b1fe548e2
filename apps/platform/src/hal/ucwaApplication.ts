/** A UCWA application and what it embeds: me, communication, and for agents people and onlineMeetings (reference/ucwa-api.md 2 to 4). */
import { createHash } from 'node:crypto';
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import type { UcwaApplication } from '../model/documents.ts';
import type { UcwaFace } from './face.ts';
import { ucwaFace } from './faceOf.ts';
import { href } from './href.ts';
import { members } from './links.ts';

/** @param ack of the batch that the client has to ask for first */
export function ucwaApplicationResource(application: UcwaApplication, ack: number): Resource {
  const face = ucwaFace(application);
  return {
    culture: application.culture,
    userAgent: application.userAgent,
    ...members({ type: application.type, instanceId: application.instanceId }),
    endpointId: application.endpointId,
    id: application.id,
    _links: {
      self: { href: href.application(face) },
      [bareRels.policies]: { href: href.policies(face) },
      [bareRels.batch]: { href: href.batch(face) },
      [bareRels.events]: { href: href.events(face, ack) },
    },
    _embedded: {
      [bareRels.me]: meResource(application),
      communication: ucwaCommunicationResource(application),
      ...(application.audience === 'agent' ? agentsOnly(face) : {}),
    },
    rel: 'application',
    ...(application.expiresAt === undefined ? {} : { expires: toWireDate(application.expiresAt) }),
  };
}

function agentsOnly(face: UcwaFace): Record<string, Resource> {
  return { [bareRels.people]: peopleResource(face), [bareRels.onlineMeetings]: onlineMeetingsResource(face) };
}

export function peopleResource(face: UcwaFace): Resource {
  return {
    _links: { self: { href: href.people(face) }, [bareRels.myContacts]: { href: href.myContacts(face) } },
    rel: bareRels.people,
  };
}

/** Nobody keeps a contact list here; old clients read it all the same (reference/ucwa-api.md 2). */
export function myContactsResource(face: UcwaFace): Resource {
  return {
    _links: { self: { href: href.myContacts(face) } },
    _embedded: { [bareRels.contact]: [] },
    rel: bareRels.myContacts,
  };
}

/** Scheduled meetings of an agent: there are none. */
export function onlineMeetingsResource(face: UcwaFace): Resource {
  return { _links: { self: { href: href.onlineMeetings(face) } }, rel: bareRels.onlineMeetings };
}

/** What this client may do, as far as it concerns text. */
export function policiesResource(application: UcwaApplication): Resource {
  return {
    htmlMessaging: application.messageFormats.includes('Html') ? 'Enabled' : 'Disabled',
    photos: 'Disabled',
    saveMessagingHistory: 'Disabled',
    _links: { self: { href: href.policies(ucwaFace(application)) } },
    rel: bareRels.policies,
  };
}

export function meResource(application: UcwaApplication): Resource {
  const face = ucwaFace(application);
  const links = (): Links => {
    if (application.audience === 'anonymous') return {};
    if (!application.available) return { [bareRels.makeMeAvailable]: { href: href.makeMeAvailable(face) } };
    return {
      [bareRels.reportMyActivity]: { href: href.reportMyActivity(face) },
      [bareRels.presence]: { href: href.presence(face) },
    };
  };
  return {
    uri: application.uri,
    name: application.name,
    _links: { self: { href: href.me(face) }, ...links() },
    rel: bareRels.me,
  };
}

export function presenceResource(application: UcwaApplication): Resource {
  const availability = application.availability ?? 'Online';
  return {
    availability,
    activity: availability,
    _links: { self: { href: href.presence(ucwaFace(application)) } },
    rel: bareRels.presence,
  };
}

export const communicationEtag = '3';

/** The oddly named member whose value a client passes back in a PUT. */
export function passThroughMember(applicationId: string): string {
  const hex = createHash('sha256').update(`communication:${applicationId}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

export function ucwaCommunicationResource(application: UcwaApplication): Resource {
  const face = ucwaFace(application);
  const agents = application.audience === 'agent';
  return {
    [passThroughMember(application.id)]: 'please pass this in a PUT request',
    supportedModalities: ['Messaging'],
    supportedMessageFormats: [...application.messageFormats],
    _links: {
      self: { href: href.communication(face) },
      [bareRels.conversations]: { href: href.conversations(face) },
      startMessaging: { href: href.startMessaging(face), revision: '2' },
      ...(agents
        ? {
            joinOnlineMeeting: { href: href.joinOnlineMeeting(face) },
            startOnlineMeeting: { href: href.startOnlineMeeting(face) },
          }
        : {}),
    },
    rel: 'communication',
    etag: communicationEtag,
  };
}
