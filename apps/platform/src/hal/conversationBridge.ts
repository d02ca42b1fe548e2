/** conversationBridge and bridgedParticipants; the service side only (reference/service-api.md 10). */
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { Bridge, BridgedParticipant } from '../model/documents.ts';
import { type Face, rel } from './face.ts';
import { href } from './href.ts';
import { link } from './links.ts';

export function conversationBridgeResource(face: Face, conversationId: string, bridge: Bridge): Resource {
  return {
    onlineMeetingUri: bridge.meetingUri,
    _links: {
      self: { href: href.conversationBridge(face, conversationId) },
      ...link(face, 'bridgedParticipants', href.bridgedParticipants(face, conversationId)),
    },
    rel: rel(face, 'conversationBridge'),
    etag: bridge.etag,
  };
}

export function bridgedParticipantResource(face: Face, conversationId: string, bridged: BridgedParticipant): Resource {
  return {
    displayName: bridged.displayName,
    participantUri: bridged.uri,
    messageFilterState: bridged.messageFilterState,
    _links: { self: { href: href.bridgedParticipant(face, conversationId, bridged.uri) } },
    rel: rel(face, 'bridgedParticipant'),
  };
}

export function bridgedParticipantsResource(face: Face, conversationId: string, bridge: Bridge): Resource {
  return {
    _links: { self: { href: href.bridgedParticipants(face, conversationId) } },
    _embedded: {
      [rel(face, 'bridgedParticipant')]: bridge.participants.map((bridged) =>
        bridgedParticipantResource(face, conversationId, bridged),
      ),
    },
    rel: rel(face, 'bridgedParticipants'),
  };
}
