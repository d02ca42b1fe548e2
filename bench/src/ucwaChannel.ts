/** The long poll of a visitor or an agent on the platform. */
import type { Connection } from './connection.ts';
import { type EventBatch, parse, pathOf, type WireEvent } from './hal.ts';
import { LongPoll } from './longPoll.ts';
import { readMarks, type Side } from './mark.ts';

export interface Hears {
  /** Every event, as long as it is set: reading JSON costs more than searching for marks. */
  onEvent: ((event: WireEvent, sender: string) => void) | undefined;
  /** A message of the other side. */
  readonly onMessage: (chat: number, sequence: number) => void;
  readonly onFailure: (error: Error) => void;
}

const nextLink = /"next":\{"href":"([^"]+)"/;

export function openChannel(side: Side, connection: Connection, path: string, token: string, hears: Hears): LongPoll {
  const poll = new LongPoll({
    connection,
    path,
    token,
    nextPath,
    onBody: (body) => {
      // One's own messages come back as Outgoing.
      readMarks(body, (from, chat, sequence) => {
        if (from !== side) hears.onMessage(chat, sequence);
      });
      if (hears.onEvent !== undefined) readEvents(body, hears.onEvent);
    },
    onFailure: hears.onFailure,
  });
  poll.start();
  return poll;
}

export function readEvents(body: string, onEvent: (event: WireEvent, sender: string) => void): void {
  for (const { events, href } of parse<EventBatch>(body).sender ?? [])
    for (const event of events) onEvent(event, pathOf(href));
}

function nextPath(body: string): string {
  const quick = nextLink.exec(body)?.[1];
  if (quick !== undefined) return pathOf(quick);
  const links = parse<EventBatch>(body)._links;
  const next = links?.next ?? links?.resume ?? links?.resync;
  if (next === undefined) throw new Error('event channel: no next');
  return pathOf(next.href);
}
