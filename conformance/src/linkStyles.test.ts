/** Links as clients send them back: in another case, with the query in another order or another escaping, with something added. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectCreated, expectEmpty, expectJson } from './expectations.ts';
import { embeddedOf, hrefOf, s } from './hal.ts';
import { must } from './story.ts';
import { useStory } from './useStory.ts';
import { allow } from './visitorCall.ts';

const query = (href: string, change: (parts: string[]) => string[]): string => {
  const [path = '', search = ''] = href.split('?');
  return `${path}?${change(search.split('&')).join('&')}`;
};
const escaped = (text: string): string => text.replace(/[:@;=/+]/g, (mark) => encodeURIComponent(mark));
const value = (change: (text: string) => string) => (part: string) => {
  const at = part.indexOf('=') + 1;
  return part.slice(0, at) + change(part.slice(at));
};

/** Every style in which a service href with `endpointId` may come back. */
const styles: readonly (readonly [string, (href: string) => string])[] = [
  ['upper case', (href) => href.toUpperCase().replace(/^HTTPS?:/, (scheme) => scheme.toLowerCase())],
  ['platformService', (href) => href.replace('/platformservice/', '/platformService/')],
  [
    'names of the query in another case',
    (href) => query(href, (parts) => parts.map((part) => part.replace(/^[^=]+/, (name) => name.toUpperCase()))),
  ],
  ['the query reversed', (href) => query(href, (parts) => parts.toReversed())],
  ['escaped in capitals', (href) => query(href, (parts) => parts.map(value(escaped)))],
  [
    'escaped in small letters',
    (href) =>
      query(href, (parts) => parts.map(value((text) => escaped(text).replace(/%../g, (octet) => octet.toLowerCase())))),
  ],
  ['the path escaped', (href) => href.replace(/[^/]*@[^/?]*(?=\/|\?|$)/, (segment) => segment.replace('@', '%40'))],
  ['parameters added', (href) => `${href}&conversationGuess=1&filter=&low=5&low=6`],
];

describe('service side', () => {
  const story = useStory();

  test.each(styles)('%s: reads and actions', async (_name, change) => {
    const { c2Href, meetingUri } = await story().startAdhocMeeting();
    await story().acceptAndBridge();
    const { c1Href, invitation } = await story().callback();
    const conversation = await story().service.read(c2Href);
    const messaging = await story().service.read(hrefOf(conversation, s('messaging')));
    const { application } = await story().capabilities();
    for (const href of [c1Href, c2Href, hrefOf(invitation, 'self'), hrefOf(application.resource, 'self')]) {
      const answer = await story().service.send('GET', change(story().service.resolve(href)));
      expectJson(answer, 200);
      // What is handed out has its one spelling again.
      const own = await story().service.read(href);
      expect(hrefOf(answer.resource, 'self')).toBe(hrefOf(own, 'self'));
    }
    expectEmpty(await story().service.send('POST', change(hrefOf(messaging, s('setIsTyping')))), 204);
    const entry = await allow(story(), c1Href, story().agentUri(0), 'Ann');
    const json = { displayName: 'Ann', participantUri: story().agentUri(0), messageFilterState: 'Enabled' };
    expectEmpty(await story().service.send('PUT', change(entry), { json }), 204);
    expectEmpty(await story().service.send('DELETE', change(entry)), 204);
    const add = hrefOf(conversation, s('addParticipant'));
    const call = { operationId: randomUUID(), to: story().agentUri(0).toUpperCase().replace('SIP:', 'sip:') };
    expectCreated(await story().service.send('POST', change(add), { json: call }));
    expect(meetingUri).toMatch(/^sip:/);
  });

  test.each(styles.filter(([name]) => name !== 'the path escaped'))(
    '%s: a meeting by its own links, and by its uri in another case',
    async (_name, change) => {
      const { application } = await story().capabilities();
      const href = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
      const made = must(await story().service.send('POST', href, { json: {} }), 200, 201).resource;
      const self = story().service.resolve(hrefOf(made, 'self'));
      expectJson(await story().service.send('GET', change(self)), 200);
      const join = change(hrefOf(made, s('joinAdhocMeeting')));
      expectCreated(await story().service.send('POST', join, { json: { operationId: randomUUID() } }));
      const communication = embeddedOf(application.resource, s('communication'));
      const json = { operationId: randomUUID(), onlineMeetingUri: String(made.onlineMeetingUri).toLowerCase() };
      expectCreated(await story().service.send('POST', hrefOf(communication, s('joinOnlineMeeting')), { json }));
      expectEmpty(await story().service.send('DELETE', change(self)), 204);
    },
  );
});

describe('visitors and agents', () => {
  const story = useStory();

  test('hrefs come back in another case, escaped, or with parameters that old clients glue on', async () => {
    await story().agentJoins();
    const { visitor } = await story().session();
    const { conversationHref } = await story().messagingInvitation();
    const own = visitor.resolve(conversationHref);
    for (const href of [
      own.replace(/\/ucwa\/.*/, (path) => path.toUpperCase()),
      own.replace('/communication/', '/Communication/'),
      `${own}?sessionContext=${randomUUID()}&operationContext=x`,
    ]) {
      const answer = await visitor.send('GET', href);
      expectJson(answer, 200);
      expect(hrefOf(answer.resource, 'self')).toBe(conversationHref);
    }
    const { caller } = await story().agent();
    const { caHref } = await story().participantInvitation();
    const conversation = await caller.read(caHref);
    const self = hrefOf(conversation, 'localParticipant');
    for (const href of [self.replace('@', '%40'), self.toUpperCase()]) expectJson(await caller.send('GET', href), 200);
    const add = hrefOf(conversation, 'addParticipant');
    const json = { operationId: randomUUID(), to: story().agentUri(1) };
    expectCreated(await caller.send('POST', `${add.replace('conversation=', 'Conversation=')}&x=1`, { json }));
  });
});
