/** A UCWA application and what it embeds: me, communication, and for agents people and onlineMeetings (reference/ucwa-api.md 2 to 4). */
import { createHash } from 'node:crypto';
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import { shownPresence } from '../model/availability.ts';
import type { ChannelInstance, UcwaApplication } from '../model/documents.ts';
import type { UcwaFace } from './face.ts';
import { ucwaFace } from './faceOf.ts';
import { href } from './href.ts';
import { members } from './links.ts';

/**
 * @param ack of the batch that the client has to ask for first
 * @param instance the caller's tab, when it is not the one that the application was created with
 */
export function ucwaApplicationResource(
  application: UcwaApplication,
  ack: number,
  instance?: ChannelInstance,
): Resource {
  const face = ucwaFace(application);
  return {
    culture: application.culture,
    userAgent: application.userAgent,
    ...members({ type: application.type, instanceId: (instance ?? application).instanceId }),
    endpointId: application.endpointId,
    id: application.id,
    _links: {
      self: { href: href.application(face) },
      [bareRels.policies]: { href: href.policies(face) },
      [bareRels.batch]: { href: href.batch(face) },
      [bareRels.events]: { href: href.events(face, ack, instance?.key) },
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
    _links: {
      self: { href: href.people(face) },
      [bareRels.myContacts]: { href: href.myContacts(face) },
      [bareRels.search]: { href: href.search(face) },
    },
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
      [bareRels.note]: { href: href.note(face) },
      [bareRels.location]: { href: href.location(face) },
    };
  };
  return {
    uri: application.uri,
    name: application.name,
    ...(application.audience === 'agent' ? { emailAddresses: [] } : {}),
    _links: { self: { href: href.me(face) }, ...links() },
    rel: bareRels.me,
  };
}

export function presenceResource(application: UcwaApplication): Resource {
  return {
    ...shownPresence(application),
    _links: { self: { href: href.presence(ucwaFace(application)) } },
    rel: bareRels.presence,
  };
}

export function noteResource({ note, ...application }: UcwaApplication): Resource {
  return {
    message: note?.message ?? '',
    type: note?.type ?? 'Personal',
    _links: { self: { href: href.note(ucwaFace(application)) } },
    rel: bareRels.note,
  };
}

export function locationResource(application: UcwaApplication): Resource {
  return {
    location: application.location ?? '',
    _links: { self: { href: href.location(ucwaFace(application)) } },
    rel: bareRels.location,
  };
}

/** Changes with every PUT; the number is the one that captures begin with. */
export const communicationEtag = ({ communicationVersion = 0 }: UcwaApplication): string =>
  String(3 + communicationVersion);

/** The oddly named member whose value a client passes back in a PUT. */
export function passThroughMember(applicationId: string): string {
  const hex = createHash('sha256').update(`communication:${applicationId}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

export function ucwaCommunicationResource(application: UcwaApplication): Resource {
  const face = ucwaFace(application);
  const isAgent = application.audience === 'agent';
  const mayCall = isAgent || application.meetingUri === undefined;
  const mayJoin = isAgent || application.meetingUri !== undefined;
  return {
    [passThroughMember(application.id)]: 'please pass this in a PUT request',
    supportedModalities: ['Messaging'],
    supportedMessageFormats: [...application.messageFormats],
    conversationHistory: 'Disabled',
    _links: {
      self: { href: href.communication(face) },
      [bareRels.conversations]: { href: href.conversations(face) },
      ...(mayCall ? { startMessaging: { href: href.startMessaging(face), revision: '2' } } : {}),
      ...(mayJoin ? { joinOnlineMeeting: { href: href.joinOnlineMeeting(face) } } : {}),
      ...(isAgent ? { startOnlineMeeting: { href: href.startOnlineMeeting(face) } } : {}),
    },
    rel: 'communication',
    etag: communicationEtag(application),
  };
}
