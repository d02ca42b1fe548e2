/** Reads a message resource of the wire into what the desk keeps (reference/ucwa-api.md 7, service-api.md 13). */
import { readMessage } from '@repo/ucwa-client/message';
import { embedded } from '@repo/ucwa-client/resource';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { Said } from './deskState.ts';

/** A visitor's address: the platform gives one of this domain to everybody who is anonymous (reference/ucwa-api.md 3). */
export function isVisitorUri(uri: string | undefined): boolean {
  return uri !== undefined && /@anonymous\.invalid$/i.test(uri);
}

/** The address in a participant's href, whose last segment is `user@domain` (reference/service-api.md 14). */
export function uriOfParticipantHref(href: string): string | undefined {
  const segment = /\/participants\/([^/?#]+)/i.exec(href)?.[1];
  if (segment === undefined) return undefined;
  try {
    const address = decodeURIComponent(segment);
    return address.includes('@') ? `sip:${address}` : undefined;
  } catch {
    return undefined;
  }
}

/** A member of a resource when it is a text. */
export function textMember(resource: Resource | undefined, name: string): string | undefined {
  const value = resource?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** @returns undefined when it is no message, or has no time stamp and so no place. */
export function readSaid(message: Resource): Said | undefined {
  const read = readMessage(message);
  if (!read || read.timeStampMs === 0) return undefined;
  const senderUri = textMember(embedded(message, 'senderParticipant'), 'uri');
  return {
    timeStamp: read.timeStampMs,
    author: read.direction === 'Outgoing' ? 'self' : 'unknown',
    senderName: read.participantTitle ?? '',
    text: read.text,
    href: read.href,
    ...(senderUri === undefined ? {} : { senderUri }),
    ...(read.participantHref === undefined ? {} : { participantHref: read.participantHref }),
    ...(read.operationId === undefined ? {} : { operationId: read.operationId }),
  };
}
