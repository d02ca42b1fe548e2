/** What existing service applications send (S23 to S26, S28, S31), and what nobody but other clients use (S31b). */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectCreated, expectEmpty } from './expectations.ts';
import { dataText, embeddedOf, hasLink, hrefOf, s } from './hal.ts';
import { concerns, must } from './story.ts';
import { useStory } from './useStory.ts';
import { hears, sayIn } from './visitorCall.ts';

describe('bodies', () => {
  const story = useStory();

  test('S23 actions without body and Content-Type, and eject with an empty text, are no error', async () => {
    await story().agentJoins();
    const agent = await story().agent();
    const { c2Href } = await story().startAdhocMeeting();
    const own = (o: Occurrence): boolean => concerns(o, c2Href);
    const conversation = await story().service.read(c2Href);
    const person = await story().receiver.log.wait({
      rel: s('participant'),
      type: 'added',
      in: null,
      where: (o) => own(o) && o.resource.uri === agent.uri,
    });
    const empty = { text: '', contentType: 'text/plain' };
    expectEmpty(await story().service.send('POST', hrefOf(person.resource, s('eject')), empty), 204);
    const messaging = await story().service.read(hrefOf(conversation, s('messaging')));
    expectEmpty(await story().service.send('POST', hrefOf(messaging, s('stopMessaging'))), 204);
    // Messaging can be added again to a meeting leg, and stopped again.
    const stopped = await story().service.read(hrefOf(conversation, s('messaging')));
    expect(stopped.state).toBe('Disconnected');
    const json = { operationId: randomUUID() };
    expectCreated(await story().service.send('POST', hrefOf(stopped, s('addMessaging')), { json }));
    await story().receiver.log.wait({
      rel: s('messagingInvitation'),
      type: 'completed',
      where: ({ resource }) => resource.operationId === json.operationId,
    });
    await sayIn(story().service, c2Href, 'back again');
    const meeting = await story().service.read(hrefOf(conversation, s('onlineMeeting')));
    expectEmpty(await story().service.send('POST', hrefOf(meeting, s('terminateOnlineMeeting'))), 204);
  });
});

describe('what is sent', () => {
  const story = useStory();

  test('S24 PUT of a bridged participant needs no If-Match', async () => {
    const { answer, participantUri } = await story().bridgedParticipants();
    const json = { displayName: 'Ann', participantUri, messageFilterState: 'Disabled' };
    const put = await story().service.send('PUT', String(answer.headers.location), { json });
    expectEmpty(put, 204);
    const updated = await story().receiver.log.wait({ rel: s('bridgedParticipant'), type: 'updated' });
    expect(updated.resource).toMatchObject(json);
  });

  test('S25 text/plain and text/html with a charset, without operationId', async () => {
    await story().acceptAndBridge();
    const { c1Href } = await story().callback();
    const { channel } = await story().session();
    for (const [type, text, read] of [
      ['text/plain; charset=utf-8', 'grüß Gott + 100 %', 'grüß Gott + 100 %'],
      // The visitor did not ask for Html and gets the words.
      ['text/html; charset=utf-8', '<p>fine <b>print</b></p>', 'fine print'],
    ] as const) {
      expectCreated(await sayIn(story().service, c1Href, text, type));
      const heard = await hears(channel, read);
      expect(dataText(hrefOf(heard.resource, 'plainMessage'))).toBe(read);
    }
  });

  test('S26 members may be null, missing, or spelt in another case', async () => {
    const { invitation } = await story().callback();
    const json = {
      OperationId: randomUUID(),
      Subject: null,
      importance: null,
      threadId: null,
      callbackUrl: null,
      CallbackContext: 'nulls',
      somethingElse: null,
    };
    expectCreated(await story().service.send('POST', hrefOf(invitation, s('startAdhocMeeting')), { json }));
    const { application } = await story().capabilities();
    const href = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
    const meeting = {
      subject: null,
      description: null,
      accessLevel: null,
      leaders: null,
      attendees: null,
      expirationTime: null,
    };
    must(await story().service.send('POST', href, { json: meeting }), 200, 201);
  });

  test('S28 a callbackUrl goes alone and keeps its characters; a context is appended to the default address', async () => {
    const { invitation } = await story().callback();
    const href = hrefOf(invitation, s('startAdhocMeeting'));
    const own = { operationId: randomUUID(), callbackUrl: `${story().receiver.url}?callbackContext={"job":"a b"}` };
    expectCreated(await story().service.send('POST', href, { json: own }));
    const context = { operationId: randomUUID(), callbackContext: '{"job":"c d"}&x=y' };
    expectCreated(await story().service.send('POST', href, { json: context }));
    const both = { operationId: randomUUID(), callbackUrl: `${story().receiver.url}/both`, callbackContext: 'unused' };
    expectCreated(await story().service.send('POST', href, { json: both }));
    for (const [{ operationId }, expected] of [
      [own, { path: '/callback', context: '{"job":"a b"}' }],
      [context, { path: '/callback', context: '{"job":"c d"}&x=y' }],
      [both, { path: '/callback/both', context: null }],
    ] as const) {
      const started = await story().receiver.log.wait({
        rel: s('onlineMeetingInvitation'),
        type: 'started',
        where: ({ resource }) => resource.operationId === operationId,
      });
      const post = story().receiver.requests.find(({ batch }) => batch === started.batch);
      expect(post?.url.split('?')[0]).toBe(expected.path);
      expect(post?.query.get('callbackContext')).toBe(expected.context);
    }
  });

  test('S31 nothing optional is needed; onlineMeetingUri is in the started event already', async () => {
    const { invitation } = await story().callback();
    const json = { operationId: randomUUID() };
    expectCreated(await story().service.send('POST', hrefOf(invitation, s('startAdhocMeeting')), { json }));
    const started = await story().receiver.log.wait({
      rel: s('onlineMeetingInvitation'),
      type: 'started',
      where: ({ resource }) => resource.operationId === json.operationId,
    });
    expect(started.resource.onlineMeetingUri).toMatch(/^sip:/);
    expect(started.resource.subject ?? '').toBe('');
  });

  test('S31b decline and cancel are offered although the oldest client never follows them', async () => {
    const { invitation } = await story().callback();
    expect(hasLink(invitation, s('decline'))).toBe(true);
    const { started } = await story().messagingInvitation();
    expect(hasLink(started.resource, 'cancel')).toBe(true);
    const { application } = await story().capabilities();
    const agent = await story().agent();
    const json = { operationId: randomUUID(), to: agent.uri };
    const href = hrefOf(embeddedOf(application.resource, s('communication')), s('startMessaging'));
    const outgoing = await story().service.send('POST', href, { json });
    const read = await story().service.read(expectCreated(outgoing));
    expect(hasLink(read, s('cancel'))).toBe(true);
    expectEmpty(await story().service.send('POST', hrefOf(read, s('cancel'))), 204);
    const after = await story().service.read(hrefOf(read, 'self'));
    expect(after.state).toBe('Failed');
    expect(hasLink(after, s('cancel'))).toBe(false);
  });
});
