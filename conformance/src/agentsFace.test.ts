/** UCWA for agents: applications and tabs, presence, people, do not disturb, calls and escalation (reference/ucwa-api.md 2 to 9). */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { concernsOwn, openChannel, type Person } from './agentChannel.ts';
import { expectEmpty, expectRefusal } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, linksOf, type Resource, s } from './hal.ts';
import { applicationsUrl, batchOf, eventsOf, signInPerson, signInVisitor, startMessaging } from './people.ts';
import { must } from './story.ts';
import { useStory } from './useStory.ts';
import { send } from './wire.ts';

const story = useStory();
let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await openChannel(story(), story().agentUri(0));
  bob = await openChannel(story(), story().agentUri(1));
  return async () => {
    await ann.close();
    await bob.close();
  };
});

describe('applications', () => {
  test('the same client again finds its application; another culture or endpointId makes a new one', async () => {
    const json = { userAgent: 'same', culture: 'en-us', endpointId: randomUUID() };
    const url = await applicationsUrl(ann.caller);
    const post = async (more: object) =>
      must(await ann.caller.send('POST', url, { json: { ...json, ...more } }), 200, 201);
    const first = await post({});
    expect(first.status).toBe(201);
    const again = await post({});
    expect(again.status).toBe(200);
    expect(hrefOf(again.resource, 'self')).toBe(hrefOf(first.resource, 'self'));
    expect(String(first.headers.etag)).toBe(`"${String(first.resource.etag)}"`);
    expect(first.headers['x-ms-ucwaversion']).toMatch(/\S/);
    for (const more of [{ culture: 'de-de' }, { endpointId: randomUUID() }, { type: 'Browser' }])
      expect((await post(more)).status).toBe(201);
    for (const missing of ['userAgent', 'culture', 'endpointId'])
      expectRefusal(
        await ann.caller.send('POST', url, { json: { ...json, [missing]: null } }),
        400,
        'BadRequest',
        'ParameterValidationFailure',
      );
    expectRefusal(await ann.caller.send('POST', url, { json: { ...json, type: 'Phone' } }), 400, 'BadRequest');
  });

  test('instanceId: every tab has a channel of its own with the same events, 201 when new and 200 when not', async () => {
    const endpointId = randomUUID();
    const first = await signInPerson(story(), ann.uri, { endpointId, instanceId: 'a', userAgent: 'tabs' });
    const second = await signInPerson(story(), ann.uri, {
      endpointId,
      instanceId: 'b',
      userAgent: 'tabs',
      lurking: true,
    });
    const again = await signInPerson(story(), ann.uri, {
      endpointId,
      instanceId: 'b',
      userAgent: 'tabs',
      lurking: true,
    });
    expect([first, second, again].map(({ created }) => created.status)).toEqual([201, 201, 200]);
    expect(new Set([first, second, again].map(({ application }) => application.id)).size).toBe(1);
    expect(second.application.instanceId).toBe('b');
    expect(again.eventsUrl).toBe(second.eventsUrl);
    expect(second.eventsUrl).not.toBe(first.eventsUrl);
    await startMessaging(second, bob.uri);
    for (const tab of [first, second]) {
      const answer = must(await tab.caller.send('GET', tab.eventsUrl), 200);
      expect(eventsOf(batchOf(answer))).toContain('messagingInvitation started');
      expect((await tab.caller.send('GET', tab.eventsUrl)).text).toBe(answer.text);
      for (const rel of ['self', 'next'] as const)
        expect(new URL(batchOf(answer)._links?.[rel]?.href ?? '', answer.url).searchParams.get('key')).toBe(
          new URL(tab.eventsUrl).searchParams.get('key'),
        );
    }
    const strange = new URL(second.eventsUrl);
    strange.searchParams.set('key', 'no-such-tab');
    expectRefusal(await second.caller.send('GET', strange.href), 404, 'NotFound', 'ApplicationNotFound');
    expectEmpty(await first.caller.send('DELETE', hrefOf(first.application, 'self')), 204);
    expect([404, 410]).toContain((await second.caller.send('GET', second.eventsUrl)).status);
  });

  test('every link that is handed out leads somewhere', async () => {
    const me = await ann.caller.read(hrefOf(embeddedOf(ann.application, 'me'), 'self'));
    const application = await ann.caller.read(hrefOf(ann.application, 'self'));
    const embedded = Object.values(application._embedded ?? {}) as Resource[];
    for (const resource of [application, me, ...embedded]) {
      for (const [rel, link] of Object.entries(resource._links ?? {})) {
        if (rel === 'events') continue;
        const { href } = [link].flat()[0] as { href: string };
        const { status } = await ann.caller.send('GET', href);
        expect(status, `${String(resource.rel)} ${rel}`).toBeOneOf(
          ['search', 'batch', 'startMessaging', 'joinOnlineMeeting', 'startOnlineMeeting', 'reportMyActivity'].includes(
            rel,
          )
            ? [200, 400, 405]
            : [200],
        );
      }
    }
  });
});

describe('presence', () => {
  test('only after makeMeAvailable, which is done once; a visitor may not', async () => {
    const agent = await signInPerson(story(), bob.uri, { lurking: true });
    const me = embeddedOf(agent.application, 'me');
    expect(Object.keys(me._links ?? {}).sort()).toEqual(['makeMeAvailable', 'self']);
    const base = hrefOf(me, 'self');
    for (const path of ['presence', 'note', 'location'])
      expectRefusal(await agent.caller.send('GET', `${base}/${path}`), 409, 'Conflict', 'MakeMeAvailableRequired');
    expectRefusal(
      await agent.caller.send('POST', `${base}/reportMyActivity`),
      409,
      'Conflict',
      'MakeMeAvailableRequired',
    );
    const available = (json: object) => agent.caller.send('POST', hrefOf(me, 'makeMeAvailable'), { json });
    expectRefusal(await available({ supportedModalities: ['Messaging', 'PhoneAudio'] }), 403, 'Forbidden');
    expectRefusal(await available({ inactiveTimeout: 'soon' }), 400, 'BadRequest');
    expectEmpty(
      await available({ SupportedModalities: ['Messaging'], signInAs: 'Busy', inactiveTimeout: 'PT10M' }),
      204,
    );
    expectRefusal(await available({}), 409, 'Conflict', 'AlreadyExists');
    expectEmpty(await agent.caller.send('POST', `${base}/reportMyActivity`), 204);
    expect((await agent.caller.read(`${base}/presence`)).availability).toBe('Busy');
    must(await agent.caller.send('POST', `${base}/presence`), 204);
    expect((await agent.caller.read(`${base}/presence`)).availability).toBe('Online');
    expectRefusal(
      await agent.caller.send('POST', `${base}/presence`, { json: { availability: 'Asleep' } }),
      400,
      'BadRequest',
    );
    must(await agent.caller.send('DELETE', hrefOf(agent.application, 'self')), 204);

    const visitor = await signInVisitor(story());
    const own = hrefOf(embeddedOf(visitor.application, 'me'), 'self');
    for (const action of ['makeMeAvailable', 'reportMyActivity'])
      expectRefusal(await visitor.caller.send('POST', `${own}/${action}`), 403, 'Forbidden', 'AnonymousNotAllowed');
  });

  test('note and location can be said and taken back', async () => {
    const me = await ann.caller.read(hrefOf(embeddedOf(ann.application, 'me'), 'self'));
    const note = hrefOf(me, 'note');
    must(await ann.caller.send('POST', note, { json: { message: 'Back at noon', type: 'OutOfOffice' } }), 204);
    expect(await ann.caller.read(note)).toMatchObject({ message: 'Back at noon', type: 'OutOfOffice' });
    must(await ann.caller.send('POST', note), 204);
    expect((await ann.caller.read(note)).message).toBe('');
    must(await ann.caller.send('POST', hrefOf(me, 'location'), { json: { location: 'Hall 3' } }), 204);
    expect((await ann.caller.read(hrefOf(me, 'location'))).location).toBe('Hall 3');
  });

  test('who does not want to be disturbed is not rung', async () => {
    const me = await bob.caller.read(hrefOf(embeddedOf(bob.application, 'me'), 'self'));
    const set = async (availability: string) =>
      must(await bob.caller.send('POST', hrefOf(me, 'presence'), { json: { availability } }), 204);
    await set('DoNotDisturb');
    const operationId = randomUUID();
    await startMessaging(ann, bob.uri, { operationId });
    const over = await ann.channel.log.wait({
      rel: 'messagingInvitation',
      type: 'completed',
      where: concernsOwn(operationId),
    });
    expect(over.event).toMatchObject({ status: 'Failure', reason: { code: 'RemoteFailure', subcode: 'DoNotDisturb' } });
    await set('Online');
  });
});

describe('people', () => {
  test('a colleague is found, read, and shown with presence; others are unknown', async () => {
    const people = embeddedOf(ann.application, 'people');
    const found = await ann.caller.read(`${hrefOf(people, 'search')}?query=bo&limit=5`);
    const contact = embeddedOf(found, 'contact');
    expect(contact).toMatchObject({ name: 'Bob', uri: bob.uri });
    expect(await ann.caller.read(hrefOf(contact, 'self'))).toEqual(contact);
    expect((await ann.caller.read(hrefOf(contact, 'contactPresence'))).availability).toBe('Online');
    expectRefusal(await ann.caller.send('GET', `${hrefOf(people, 'self')}/nobody@nowhere.example`), 404, 'NotFound');
    expectRefusal(await ann.caller.send('GET', hrefOf(people, 'search')), 400, 'BadRequest');
  });
});

describe('calls of agents', () => {
  test('every instance of the called person rings; the one that accepts has the call', async () => {
    const second = await openChannel(story(), bob.uri);
    const operationId = randomUUID();
    const json = { operationId, threadId: randomUUID() };
    await startMessaging(ann, bob.uri, json);
    const rings = ({ resource }: { resource: Resource }): boolean => resource.threadId === json.threadId;
    const match = { rel: 'messagingInvitation', where: rings };
    const [one, other] = [
      await bob.channel.log.wait({ ...match, type: 'started' }),
      await second.channel.log.wait({ ...match, type: 'started' }),
    ];
    must(await bob.caller.send('POST', hrefOf(one.resource, 'accept')), 204);
    const elsewhere = await second.channel.log.wait({ ...match, type: 'completed' });
    expect(elsewhere.event.reason).toMatchObject({ code: 'Informational', subcode: 'ConnectedElsewhere' });
    expectRefusal(await second.caller.send('POST', hrefOf(other.resource, 'accept')), 404, 'NotFound');
    expectRefusal(await bob.caller.send('POST', hrefOf(one.resource, 'accept')), 409, 'Conflict');
    const own = await ann.channel.log.wait({ ...match, type: 'completed' });
    expect(embeddedOf(own.resource, 'acceptedByParticipant').name).toBe('Bob');
    await second.close();
  });

  test('an agent who calls the helpdesk reaches the service application', async () => {
    const threadId = randomUUID();
    await startMessaging(ann, story().site.endpointUri, { threadId, subject: 'From within' });
    const { log } = story().receiver;
    const where = ({ resource }: { resource: Resource }): boolean => resource.threadId === threadId;
    const ringing = await log.wait({ rel: s('messagingInvitation'), type: 'started', where });
    expect(embeddedOf(ringing.resource, s('from'))).toMatchObject({ name: 'Ann', uri: ann.uri });
    must(await story().service.send('POST', hrefOf(ringing.resource, s('decline'))), 204);
    const over = await ann.channel.log.wait({ rel: 'messagingInvitation', type: 'completed', where });
    expect(over.event.reason?.subcode).toBe('Declined');
  });

  test('addParticipant makes a meeting of a call', async () => {
    const threadId = randomUUID();
    await startMessaging(ann, bob.uri, { threadId });
    const where = ({ resource }: { resource: Resource }): boolean => resource.threadId === threadId;
    const ringing = await bob.channel.log.wait({ rel: 'messagingInvitation', type: 'started', where });
    must(await bob.caller.send('POST', hrefOf(ringing.resource, 'accept')), 204);
    const over = await ann.channel.log.wait({ rel: 'messagingInvitation', type: 'completed', where });
    const href = hrefOf(over.resource, 'conversation');
    const conversation = await ann.caller.read(href);
    expect(conversation.state).toBe('Connected');
    const operationId = randomUUID();
    const json = { operationId, to: 'sip:nobody@nowhere.example' };
    must(await ann.caller.send('POST', hrefOf(conversation, 'addParticipant'), { json }), 201);
    const failed = await ann.channel.log.wait({
      rel: 'participantInvitation',
      type: 'completed',
      where: concernsOwn(operationId),
    });
    expect(failed.event.reason?.subcode).toBe('DestinationNotFound');
    for (const [person, view] of [
      [ann, href],
      [bob, hrefOf(ringing.resource, 'conversation')],
    ] as const) {
      const now = await person.caller.read(view);
      expect(now.state).toBe('Conferenced');
      const roster = await person.caller.read(hrefOf(now, 'participants'));
      expect(linksOf(roster, 'participant')).toHaveLength(1);
      expect(hasLink(await person.caller.read(hrefOf(now, 'messaging')), 'sendMessage')).toBe(true);
      const onlineMeeting = await person.caller.read(hrefOf(now, 'onlineMeeting'));
      const organizer = await person.caller.read(hrefOf(onlineMeeting, 'organizer'));
      expect(organizer).toMatchObject({ uri: onlineMeeting.organizerUri, name: onlineMeeting.organizerName });
    }
  });
});

describe('a stranger', () => {
  test('gets a challenge wherever it asks, also where there is nothing', async () => {
    const self = ann.caller.resolve(hrefOf(ann.application, 'self'));
    for (const path of [
      '',
      '/me',
      '/people/search?query=a',
      '/events?ack=1',
      '/no/such/thing',
      '/communication/conversations/x',
    ])
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])
        expect((await send(method, `${self}${path}`)).status, `${method} ${path}`).toBe(401);
  });

  test('who is somebody else sees nothing of it', async () => {
    const self = hrefOf(ann.application, 'self');
    for (const path of ['', '/me', '/communication', '/people', '/events?ack=1'])
      expectRefusal(await bob.caller.send('GET', `${self}${path}`), 403, 'Forbidden');
  });
});
