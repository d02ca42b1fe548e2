/**
 * From a callback batch to flow events.
 *
 * 1. Flatten the sender blocks in wire order and read each event's target, resource and links (readEvent.ts).
 * 2. Learn the conversations that the batch itself shows (an invitation names its conversation).
 * 3. Decide the leg of each event (legs.ts), and write the flow event (toFlowEvent.ts).
 *
 * Tolerant as reference/client-expectations.md 4.13 asks: both rel prefixes, relative or absolute hrefs, ISO or
 * `/Date()/`, missing `status`, unknown members and words. What cannot be used becomes `unrecognized` with the reason;
 * nothing is dropped silently and nothing throws.
 */
import type { WireFlowEvent } from './events.ts';
import { authorityOf } from './hrefs.ts';
import { type KnownLegs, learn, legOf } from './legs.ts';
import { isUnrecognized, readEvent, unrecognized } from './readEvent.ts';
import { toFlowEvent } from './toFlowEvent.ts';
import { listOf, objectOf, textOf } from './wireReader.ts';

/**
 * Reads a callback batch of any shape.
 * @param batch the parsed body of the POST
 * @param known the session's conversations as far as known (`summaryOf`); hrefs compare without letter case
 * @returns the flow events in wire order; empty for a heartbeat. Never throws.
 */
export function fromCallback(batch: unknown, known: KnownLegs = {}): WireFlowEvent[] {
  const authority = authorityOf(objectOf(batch)?.baseuri);
  const read = listOf(objectOf(batch)?.sender).flatMap((block) =>
    listOf(objectOf(block)?.events).map((event) => readEvent(block, event, authority)),
  );
  let legs = known;
  for (const event of read) {
    if (isUnrecognized(event) || !event.word.endsWith('nvitation')) continue;
    const leg = legOf({ ...event, direction: textOf(event.resource?.direction) }, legs);
    if (leg !== undefined && event.word !== 'participantInvitation' && event.word !== 'userMeetingInvitation') {
      legs = learn(legs, leg, event.conversationHref);
    }
  }
  return read.map((event) => {
    if (isUnrecognized(event)) return event;
    const evidence = { ...event, direction: textOf(event.resource?.direction), state: textOf(event.resource?.state) };
    const leg = legOf(evidence, legs);
    if (leg === undefined)
      return unrecognized(event.word, event.eventType, 'it belongs to no conversation of this session');
    if (event.word === 'conversation') legs = learn(legs, leg, event.conversationHref);
    return toFlowEvent(event, leg, authority);
  });
}
