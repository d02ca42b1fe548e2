/** Step 11: who may be heard by the visitor, and under which name. */
import { expect, test } from 'vitest';
import { expectCreated, expectEmpty, expectJson, expectRefusal } from './expectations.ts';
import { hrefOf, s } from './hal.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import { bridgedName } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('201, then bridgedParticipant added with the posted values', async ({ annotate }) => {
  const { answer, added, participantUri } = await story().bridgedParticipants();
  const { bridgedParticipantsHref } = await story().conversationBridge();
  const { c1Href } = await story().callback();
  const location = expectCreated(answer);
  expect(added.at).toBeGreaterThan(answer.at);
  expect(added.sender).toEqual({ rel: s('conversation'), href: c1Href });
  expect(added.event.in).toMatchObject({ rel: s('bridgedParticipants'), href: bridgedParticipantsHref });
  expect(added.resource).toMatchObject({ displayName: bridgedName, participantUri, messageFilterState: 'Disabled' });
  expect(location).toBe(story().service.resolve(hrefOf(added.resource, 'self')));
  await expectEventLikeSample(added, 'Event_BridgedParticipantAdded', annotate);
});

test('it can be read alone and in the list', async () => {
  const { added } = await story().bridgedParticipants();
  const { bridgedParticipantsHref } = await story().conversationBridge();
  const alone = await story().service.send('GET', hrefOf(added.resource, 'self'));
  expectJson(alone, 200);
  expect(alone.resource).toEqual(added.resource);
  const list = await story().service.read(bridgedParticipantsHref);
  expect(list._embedded?.[s('bridgedParticipant')]).toEqual([added.resource]);
});

test('the same person a second time is a conflict', async () => {
  const { participantUri } = await story().bridgedParticipants();
  const { bridgedParticipantsHref } = await story().conversationBridge();
  const json = { displayName: 'Ann again', participantUri: participantUri.toUpperCase().replace('SIP:', 'sip:') };
  const again = await story().service.send('POST', bridgedParticipantsHref, { json });
  expectRefusal(again, 409, 'Conflict', 'AlreadyExists');
});

test.each([
  ['displayName', { participantUri: 'sip:zoe@contoso.example', messageFilterState: 'Disabled' }],
  ['participantUri', { displayName: 'Zoe', messageFilterState: 'Disabled' }],
  ['participantUri', { displayName: 'Zoe', participantUri: 'zoe', messageFilterState: 'Disabled' }],
  ['messageFilterState', { displayName: 'Zoe', participantUri: 'sip:zoe@contoso.example', messageFilterState: 'Off' }],
])('a missing or wrong %s is named', async (name, json) => {
  const { bridgedParticipantsHref } = await story().conversationBridge();
  const answer = await story().service.send('POST', bridgedParticipantsHref, { json });
  expectRefusal(answer, 400, 'BadRequest', 'ParameterValidationFailure');
  expect(Object.keys((answer.resource.parameters ?? {}) as object)).toContain(name);
});

test('a person who never was here may be bridged, is changed by PUT without If-Match, and removed', async () => {
  await story().bridgedParticipants();
  const { bridgedParticipantsHref } = await story().conversationBridge();
  const participantUri = 'sip:Zoe@contoso.example';
  const { log } = story().receiver;
  const own = { where: ({ event }: { event: { link: { href: string } } }) => /zoe@/.test(event.link.href) };

  const created = await story().service.send('POST', bridgedParticipantsHref, {
    json: { displayName: 'Zoe', participantUri },
  });
  const href = expectCreated(created);
  const added = await log.wait({ rel: s('bridgedParticipant'), type: 'added', ...own });
  expect(String(added.resource.participantUri).toLowerCase()).toBe(participantUri.toLowerCase());
  expect(added.resource.messageFilterState).toBe('Enabled');
  expect(new URL(href).pathname).toMatch(/\/zoe@contoso\.example$/);

  const json = { displayName: 'Zoe Two', participantUri, messageFilterState: 'Disabled' };
  expectEmpty(await story().service.send('PUT', href, { json }), 204);
  const updated = await log.wait({ rel: s('bridgedParticipant'), type: 'updated', ...own });
  expect(updated.resource).toMatchObject({ displayName: 'Zoe Two', messageFilterState: 'Disabled' });

  const renamed = { ...json, participantUri: 'sip:yan@contoso.example' };
  expect([400, 409]).toContain((await story().service.send('PUT', href, { json: renamed })).status);

  expectEmpty(await story().service.send('DELETE', href), 204);
  const deleted = await log.wait({ rel: s('bridgedParticipant'), type: 'deleted', ...own });
  expect(deleted.event._embedded).toBeUndefined();
  expectRefusal(await story().service.send('GET', href), 404, 'NotFound');
});
