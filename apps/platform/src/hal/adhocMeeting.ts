/** adhocMeeting (reference/service-api.md 4): absolute links, because other hosts might serve them. */
import type { Resource } from '@repo/ucwa-protocol/hal';
import { participantPath, sipDomain } from '@repo/ucwa-protocol/sipUri';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import { rulesOf } from '../model/adhocMeeting.ts';
import type { Meeting } from '../model/documents.ts';
import { permissions } from '../model/registration.ts';
import { rel, type ServiceFace } from './face.ts';
import { href } from './href.ts';
import { link, linkWhen } from './links.ts';

/** @param publicUrl where clients reach this server; no trailing slash */
export function adhocMeetingResource(face: ServiceFace, meeting: Meeting, publicUrl: string): Resource {
  const { key, organizerUri } = meeting;
  return {
    ...rulesOf(meeting),
    expirationTime: toWireDate(meeting.expiresAt),
    onlineMeetingId: key,
    onlineMeetingUri: meeting.uri,
    organizerUri,
    conferenceId: key,
    subject: meeting.subject,
    joinUrl: joinUrl(organizerUri, key),
    _links: {
      self: { href: href.adhocMeeting(face, key, organizerUri) },
      ...link(face, 'discover', `${publicUrl}${href.discover()}?discoverContext=${key}`),
      ...linkWhen(face.permissions.includes(permissions.joinAndManageMeetings), () =>
        link(face, 'joinAdhocMeeting', `${publicUrl}${href.joinAdhocMeeting(face, meeting.uri)}`),
      ),
      applications: { href: `${publicUrl}${href.ucwaApplications('agent')}` },
    },
    rel: rel(face, 'adhocMeeting'),
    // Nothing of it ever changes.
    etag: String(Math.floor(meeting.createdAt / 1000)),
  };
}

/** Scripts turn it into the meeting's uri: first label of the host dropped, user and key from the path (client-expectations U25). */
export function joinUrl(organizerUri: string, key: string): string {
  const user = participantPath(organizerUri).split('@')[0] ?? '';
  return `https://meet.${sipDomain(organizerUri)}/${user}/${key}`;
}
