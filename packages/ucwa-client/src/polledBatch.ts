/** What a P-GET was answered with, before the loop of eventChannel.ts relies on it. */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import { ConnectionError } from './errors.ts';
import type { Answer } from './request.ts';

type Links = EventBatch['_links'];

/** An answer that says 200 and is no use: waited out like a server that fails. */
export function malformed(message: string): ConnectionError {
  return new ConnectionError('MalformedAnswer', message);
}

/** Whatever is in it, the members that the loop reads are what their types say. */
export function asBatch({ resource }: Answer): EventBatch {
  const given = (resource?._links ?? {}) as Links;
  const sender: unknown = resource?.sender;
  const link = (name: keyof Links) => (typeof given[name]?.href === 'string' ? { [name]: given[name] } : {});
  return {
    ...resource,
    _links: { ...link('self'), ...link('next'), ...link('resume'), ...link('resync') },
    sender: Array.isArray(sender) ? sender : [],
  };
}

/** True when a batch is the answer to an earlier question (an intermediary's copy): its ack is below the one asked. */
export function isOlder(self: string | undefined, asked: string): boolean {
  return self !== undefined && ackOf(self) < ackOf(asked);
}

function ackOf(href: string): number {
  return Number(/[?&]ack=(\d+)/i.exec(href)?.[1] ?? Number.NaN);
}
