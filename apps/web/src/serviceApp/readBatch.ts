import { storableText } from '@repo/flows/helpdesk/storableText';
import type { EventBatch } from '@repo/ucwa-protocol/events';
import { wordOf } from '@repo/ucwa-protocol/rels';
import { z } from 'zod';
import { RefusalError } from './errors.ts';

export interface ReadBatch {
  readonly batch: EventBatch;
  /** Names the conversation on the platform. */
  readonly key: string;
  /** Counts from 1 per key. */
  readonly ack: number;
  /** True for a probe or heartbeat, which is not kept. */
  readonly empty: boolean;
  /** The helpdesk that was called, when the batch holds a new incoming invitation. */
  readonly calledUri: string | undefined;
}

const link = z.looseObject({ href: z.string() });
const envelope = z.looseObject({
  _links: z.looseObject({ self: link.optional() }).optional(),
  sender: z
    .array(
      z.looseObject({
        rel: z.string(),
        href: z.string(),
        events: z.array(
          z.looseObject({
            link: z.looseObject({ rel: z.string(), href: z.string() }),
            type: z.string(),
            _embedded: z.record(z.string(), z.looseObject({})).optional(),
          }),
        ),
      }),
    )
    .nullish(),
});

/**
 * Reads the envelope of a callback (reference/events.md 1, 4.1). Unknown members are no concern of ours.
 * @throws {RefusalError} 400 when it is no batch, or one without its number
 */
export function readBatch(body: string): ReadBatch {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new RefusalError(400, 'the body is no JSON', { subcode: 'DeserializationFailure', cause });
  }
  const { data, error } = envelope.safeParse(json);
  if (error)
    throw new RefusalError(400, 'the body is no batch of events', { subcode: 'DeserializationFailure', cause: error });
  const empty = !data.sender?.some((sender) => sender.events.length > 0);
  const { key, ack } = numberOf(data._links?.self?.href);
  if (!empty && (!key || !ack)) {
    throw new RefusalError(400, 'the batch has no ack and key', { subcode: 'ParameterValidationFailure' });
  }
  return { batch: json as EventBatch, key, ack, empty, calledUri: calledUriOf(data) };
}

function numberOf(selfHref: string | undefined): { readonly key: string; readonly ack: number } {
  // Some platforms escape the ampersand twice.
  const query = selfHref?.replaceAll('\\u0026', '&').split('?')[1] ?? '';
  const members = new Map([...new URLSearchParams(query)].map(([name, value]) => [name.toLowerCase(), value]));
  const ack = Number(members.get('ack'));
  return { key: storableText(members.get('key') ?? ''), ack: Number.isSafeInteger(ack) && ack > 0 ? ack : 0 };
}

function calledUriOf(data: z.infer<typeof envelope>): string | undefined {
  for (const { link, type, _embedded } of (data.sender ?? []).flatMap((sender) => sender.events)) {
    if (type !== 'started' || wordOf(link.rel) !== 'messagingInvitation') continue;
    const invitation = Object.entries(_embedded ?? {}).find(([rel]) => wordOf(rel) === 'messagingInvitation')?.[1];
    if (invitation?.direction === 'Incoming' && typeof invitation.to === 'string') return storableText(invitation.to);
  }
  return undefined;
}
