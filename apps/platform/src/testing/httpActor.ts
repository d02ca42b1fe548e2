/** Somebody who speaks HTTP with a platform under test: follows hrefs as they come, and reads an event channel. */
import type { EventBatch, WireEvent } from '@repo/ucwa-protocol/events';
import type { Link, Resource } from '@repo/ucwa-protocol/hal';
import { wordOf } from '@repo/ucwa-protocol/rels';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly resource: Resource;
}

export interface HttpActor {
  send(method: string, href: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>;
  /** Sends raw text as a message. */
  say(href: string, text: string): Promise<HttpAnswer>;
}

/** @param origin where the platform really listens; the public address in absolute hrefs is replaced by it */
export function createHttpActor(origin: string, token: string | undefined): HttpActor {
  const send: HttpActor['send'] = async (method, href, body, headers = {}) => {
    const url = new URL(href, origin);
    const isText = typeof body === 'string';
    const response = await fetch(`${origin}${url.pathname}${url.search}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined || isText ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      resource: isJson && text !== '' ? (JSON.parse(text) as Resource) : {},
    };
  };
  return {
    send,
    say: (href, text) => send('POST', href, text, { 'Content-Type': 'text/plain; charset=utf-8' }),
  };
}

/** The href of a link, whatever its prefix. @throws Error when the link is missing */
export function linkOf(resource: Resource | undefined, word: string): string {
  const found = Object.entries(resource?._links ?? {}).find(([rel]) => wordOf(rel) === word)?.[1];
  const link = (Array.isArray(found) ? found[0] : found) as Link | undefined;
  if (link === undefined) throw new Error(`There is no link ${word}`);
  return link.href;
}

export const hasLink = (resource: Resource | undefined, word: string): boolean =>
  Object.keys(resource?._links ?? {}).some((rel) => wordOf(rel) === word);

/** The embedded resource of an event. */
export const resourceOf = (event: WireEvent | undefined): Resource => {
  const embedded = event?._embedded?.[event.link.rel];
  if (embedded === undefined) throw new Error('The event embeds no resource');
  return embedded;
};

export interface ChannelReader {
  /** Every event so far, in order. */
  readonly events: readonly WireEvent[];
  /** Reads on until an event fits. @throws Error when the channel ends or nothing came in time */
  until(word: string, fits?: (event: WireEvent) => boolean): Promise<WireEvent>;
  /** Where the next batch is; asking for it acknowledges everything that was read. */
  next(): string;
}

/** A reader that asks only while somebody waits for an event. @param patienceMs how long it waits for one */
export function createChannelReader(actor: HttpActor, eventsHref: string, patienceMs = 5_000): ChannelReader {
  const events: WireEvent[] = [];
  let next = eventsHref;
  return {
    events,
    next: () => next,
    until: async (word, fits = () => true) => {
      let from = 0;
      for (;;) {
        const found = events.slice(from).find((event) => wordOf(event.link.rel) === word && fits(event));
        if (found !== undefined) return found;
        from = events.length;
        const answer = await Promise.race([actor.send('GET', next), late(word, patienceMs)]);
        if (answer.status !== 200) throw new Error(`The channel answered ${answer.status}`);
        const batch = answer.resource as unknown as EventBatch;
        events.push(...(batch.sender ?? []).flatMap((block) => block.events));
        next = batch._links.next?.href ?? next;
      }
    },
  };
}

async function late(word: string, patienceMs: number): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, patienceMs).unref());
  throw new Error(`No event about ${word}`);
}
