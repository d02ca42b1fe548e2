/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HelpdeskEvent } from './events.ts';
import { fromCallback } from './fromCallback.ts';
import * as wire from './testing/wire.ts';

const folder = new URL('../../../ucwa-protocol/fixtures/', import.meta.url);
const c1 = wire.conversationHref('C1');
const c2 = wire.conversationHref('C2');
const known = { c1ConversationHref: c1, c2ConversationHref: c2 };

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}

const invitationHref =
  /^https:\/\/pool1\.api\.example\/platformservice\/tgt-[0-9a-f]{32}\/.*\/messagingInvitations\/inv1\?/;

/** What each fixture means; of the events named here only the given members are compared. */
const meanings: Readonly<Record<string, readonly object[]>> = {
  'messagingInvitation.started': [
    {
      type: 'messagingInvitation.started',
      leg: 'C1',
      conversationHref: c1,
      direction: 'Incoming',
      state: 'Connecting',
      subject: 'Where is my parcel?',
      from: { uri: 'sip:1546@anonymous.invalid', name: 'Vera' },
      links: {
        decline: expect.stringMatching(/^https:.*\/inv1\/decline\?/),
        startAdhocMeeting: expect.stringMatching(/^https:.*\/startAdhocMeeting\?/),
        acceptAndBridge: expect.stringMatching(/^https:.*\/inv1\/acceptAndBridge\?/),
        customContent: 'data:application/json,%7b%22page%22%3a%22%2fcart%22%7d',
      },
    },
    { type: 'conversation.added', leg: 'C1', state: 'Incoming' },
  ],
  'messagingInvitation.started.servicePrefix': [
    { type: 'messagingInvitation.started', leg: 'C1', from: { name: 'Vera' }, links: { conversation: c1 } },
  ],
  'messagingInvitation.started.noLinks': [
    { type: 'messagingInvitation.started', leg: 'C1', href: expect.stringMatching(invitationHref), links: {} },
  ],
  'messagingInvitation.started.noEmbedded': [
    { type: 'unrecognized', word: 'messagingInvitation', why: 'it belongs to no conversation of this session' },
  ],
  'messagingInvitation.started.malformedBaseuri': [
    { type: 'unrecognized', word: 'messagingInvitation', why: 'its href cannot be resolved' },
  ],
  'messagingInvitation.completed': [{ type: 'messagingInvitation.completed', leg: 'C1', outcome: 'Success' }],
  'messagingInvitation.completed.canceled': [
    { outcome: 'Failure', reason: { code: 'RemoteFailure', subcode: 'Canceled' } },
  ],
  'messagingInvitation.completed.noStatus': [{ outcome: 'Success', state: 'Connected' }],
  'onlineMeetingInvitation.started': [
    {
      leg: 'C2',
      conversationHref: c2,
      onlineMeetingUri: wire.meetingUri,
      operationId: 'hds_0123456789abcdef:startAdhocMeeting:1',
    },
  ],
  'participantInvitation.completed.declined': [{ leg: 'C2', outcome: 'Failure', reason: { subcode: 'Declined' } }],
  'conversation.updated.absoluteHrefs': [
    {
      type: 'conversation.updated',
      leg: 'C2',
      conversationHref: c2,
      links: { addParticipant: expect.stringContaining('conversationId=c2') },
    },
  ],
  'conversation.deleted': [{ type: 'conversation.deleted', leg: 'C1', links: {} }],
  'messaging.updated': [
    {
      type: 'messaging.updated',
      leg: 'C2',
      state: 'Disconnected',
      links: { addMessaging: expect.stringContaining('conversationId=c2') },
    },
  ],
  'onlineMeeting.added': [
    { leg: 'C2', links: { terminateOnlineMeeting: expect.stringContaining('/terminateOnlineMeeting?') } },
  ],
  'conversationBridge.added': [
    { leg: 'C1', links: { bridgedParticipants: expect.stringContaining('/bridgedParticipants?') } },
  ],
  'bridgedParticipant.added': [{ type: 'bridgedParticipant.added', leg: 'C1', participantUri: wire.ann.uri }],
  'participant.added': [{ type: 'participant.added', leg: 'C2', ...wire.ann }],
  'participant.added.typing': [{ type: 'typingParticipant.added', leg: 'C2', ...wire.ann }],
  'participant.deleted': [{ type: 'participant.deleted', leg: 'C2', uri: wire.ann.uri }],
  'message.completed': [
    {
      type: 'message.completed',
      leg: 'C2',
      direction: 'Incoming',
      timeStampMs: 1_800_000_000_300,
      author: wire.ann,
      text: 'Grüße & more: 1 + 1 = 2',
      contentType: 'text/plain',
      outcome: 'Success',
    },
  ],
  'message.completed.html': [
    { timeStampMs: 1_800_000_000_300, author: wire.ann, text: '<b>Hello</b> there', contentType: 'text/html' },
  ],
  'message.completed.outgoing': [
    { leg: 'C1', direction: 'Outgoing', operationId: 'hds_0123456789abcdef:sendMessage:1' },
  ],
  'message.completed.escapedTwice': [{ leg: 'C1', text: 'Hello' }],
  'message.completed.badText': [{ leg: 'C2', author: wire.ann }],
  'events.heartbeat': [],
};

describe('fixtures', () => {
  test('each has a meaning', () => {
    const files = readdirSync(folder).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual(Object.keys(meanings).sort());
  });

  test.each(Object.entries(meanings))('%s', (name, meaning) => {
    const events = fromCallback(
      fixture(name),
      name.endsWith('noEmbedded') || name === 'messagingInvitation.started' ? {} : known,
    );
    expect(events).toHaveLength(meaning.length);
    expect(events).toMatchObject(meaning);
  });

  test('what cannot be read is left out rather than guessed', () => {
    expect(fromCallback(fixture('message.completed.escapedTwice'), known)[0]).not.toHaveProperty('timeStampMs');
    expect(fromCallback(fixture('message.completed.badText'), known)[0]).not.toHaveProperty('text');
    expect(fromCallback(fixture('message.completed.outgoing'), known)[0]).not.toHaveProperty('author');
  });
});

describe('the leg of an event', () => {
  test('compares hrefs without letter case and without the order of parameters', () => {
    const shouted = { c1ConversationHref: c1.toUpperCase(), c2ConversationHref: `${c2}&a=1` };
    expect(fromCallback(wire.batch(wire.conversation('C1', 'deleted')), shouted)).toMatchObject([{ leg: 'C1' }]);
    const [path] = c2.split('?');
    const swapped = { c2ConversationHref: `${path}?b=2&a=1` };
    const batch = JSON.parse(
      JSON.stringify(wire.batch(wire.messaging('C2', 'Connected'))).replace(/(c2c2c2c2)\?[^"]*/g, '$1?a=1&b=2'),
    );
    expect(fromCallback(batch, swapped)).toMatchObject([{ leg: 'C2', type: 'messaging.updated' }]);
  });

  test('is learned from the invitations of the batch, also by events before them', () => {
    const batch = wire.batch(
      wire.messaging('C2', 'Disconnected'),
      wire.ourInvitation('onlineMeetingInvitation', 'completed', 'op'),
      wire.messaging('C1', 'Connected'),
    );
    expect(fromCallback(batch, { c1ConversationHref: c1 }).map((event) => 'leg' in event && event.leg)).toEqual([
      'C2',
      'C2',
      'C1',
    ]);
  });

  test('is the other one when only one is known', () => {
    const batch = wire.batch(wire.participant('C2', 'added', wire.ann));
    expect(fromCallback(batch, { c1ConversationHref: c1 })).toMatchObject([{ leg: 'C2' }]);
    expect(fromCallback(batch, { c2ConversationHref: 'https://pool1.api.example/other' })).toMatchObject([
      { leg: 'C1' },
    ]);
  });

  test('is none for a third conversation, nor when nothing tells', () => {
    const batch = wire.batch(wire.messaging('C1', 'Connected'));
    const others = { c1ConversationHref: `${c1}3`, c2ConversationHref: c2 };
    expect(fromCallback(batch, others)).toMatchObject([{ type: 'unrecognized', word: 'messaging' }]);
    expect(fromCallback(batch)).toMatchObject([{ type: 'unrecognized', word: 'messaging' }]);
    expect(fromCallback(wire.batch(wire.visitorInvitation('started')), others)).toMatchObject([
      { type: 'unrecognized' },
    ]);
  });
});

describe('anything at all', () => {
  const word = fc.constantFrom(
    'messagingInvitation',
    'conversation',
    'messaging',
    'message',
    'participant',
    'conversationBridge',
    'x',
  );
  const rel = fc.tuple(fc.constantFrom('ms:rtc:saas:', 'service:', ''), word).map((parts) => parts.join(''));
  const loose = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.constant('/a?b'),
    fc.constant('data:,%'),
    fc.constant('http://['),
  );
  const link = fc.oneof(loose, fc.record({ rel, href: loose, title: loose }, { requiredKeys: [] }));
  const resource = fc.record(
    {
      direction: fc.oneof(loose, fc.constantFrom('Incoming', 'Outgoing')),
      state: loose,
      timeStamp: fc.oneof(loose, fc.constant('/Date(9999999999999999999999)/')),
      uri: loose,
      _links: fc.oneof(
        loose,
        fc.dictionary(fc.oneof(rel, fc.constant('plainMessage'), fc.constant('__proto__')), link),
      ),
      _embedded: fc.oneof(loose, fc.dictionary(rel, loose)),
    },
    { requiredKeys: [] },
  );
  const event = fc.record(
    {
      link,
      type: fc.oneof(loose, fc.constantFrom('started', 'added', 'updated', 'completed', 'deleted')),
      in: link,
      status: loose,
      reason: loose,
      _embedded: fc.oneof(loose, fc.dictionary(rel, fc.oneof(resource, fc.array(resource)))),
    },
    { requiredKeys: [] },
  );
  const block = fc.record(
    { rel: fc.oneof(rel, loose), href: loose, events: fc.oneof(loose, fc.array(event)) },
    { requiredKeys: [] },
  );
  const batch = fc.record(
    { sender: fc.oneof(loose, fc.array(block)), baseuri: fc.oneof(loose, fc.constant(wire.baseuri)) },
    { requiredKeys: [] },
  );

  test('never throws, and gives plain JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), batch), fc.constantFrom({}, known), (value, legs) => {
        const events: readonly HelpdeskEvent[] = fromCallback(value, legs);
        expect(JSON.parse(JSON.stringify(events))).toEqual(events);
      }),
      { numRuns: 2_000 },
    );
  });
});
