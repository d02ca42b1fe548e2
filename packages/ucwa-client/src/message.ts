import { fromDataUri } from '@repo/ucwa-protocol/dataUri';
import type { WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { Direction } from '@repo/ucwa-protocol/states';
import { fromWireDate } from '@repo/ucwa-protocol/wireDate';
import { embedded, links } from './resource.ts';

export interface ReadMessage {
  readonly href: string;
  readonly direction: Direction;
  /** Milliseconds since 1970; `receivedAtMs` when the server sent none. */
  readonly timeStampMs: number;
  /** Empty when the server left the text out, as some do with outgoing messages. */
  readonly text: string;
  readonly contentType: string;
  readonly operationId?: string;
  readonly participantHref?: string;
  /** The sender's name. */
  readonly participantTitle?: string;
}

/**
 * Reads a message event or a message resource (reference/service-api.md 13). The sender may be named by the link
 * participant, by contact, or by an embedded senderParticipant only (client-expectations.md S15, U22).
 * @returns undefined when it is not a message.
 */
export function readMessage(source: WireEvent | Resource, receivedAtMs = 0): ReadMessage | undefined {
  const event = 'link' in source ? (source as WireEvent) : undefined;
  const resource = event ? embedded(event, event.link.rel) : (source as Resource);
  if (!resource) return undefined;
  const { direction, timeStamp, operationId } = resource;
  const href = event?.link.href ?? links(resource, 'self')[0]?.href;
  if (href === undefined || (direction !== 'Incoming' && direction !== 'Outgoing')) return undefined;

  const data = links(resource, 'plainMessage')[0] ?? links(resource, 'htmlMessage')[0];
  const content = data && fromDataUri(data.href);
  const sender = embedded(resource, 'senderParticipant');
  const participant =
    links(resource, 'participant')[0] ?? links(resource, 'contact')[0] ?? (sender && links(sender, 'self')[0]);
  const name = participant?.title || sender?.name;
  return {
    href,
    direction,
    timeStampMs: (typeof timeStamp === 'string' ? fromWireDate(timeStamp) : undefined) ?? receivedAtMs,
    text: content?.text ?? '',
    contentType: content?.contentType ?? 'text/plain',
    ...(typeof operationId === 'string' ? { operationId } : {}),
    ...(participant ? { participantHref: participant.href } : {}),
    ...(typeof name === 'string' ? { participantTitle: name } : {}),
  };
}
