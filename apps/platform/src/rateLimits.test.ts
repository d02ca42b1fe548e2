/** Refusals by number: what is counted, what is not, and that a refused request costs the store nothing. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAddressOf } from './clientAddress.ts';
import type { Limits } from './limits.ts';
import { openMemoryStore } from './store/memory.ts';
import type { Store } from './store/store.ts';
import { clientSecret, helpdesk, operatorToken, startTestPlatform, type TestPlatform } from './testing/testPlatform.ts';

let platform: TestPlatform;
beforeEach(() => {
  // The windows of the limiter are measured by the real clock of the process.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
});
afterEach(async () => {
  vi.useRealTimers();
  await platform.app.close();
});

const errorOf = (answer: { json<T>(): T }) => answer.json<{ code: string }>().code;

interface Visitor {
  ring(number: number, remoteAddress?: string, forwarded?: string): Promise<Answer>;
}
type Answer = Awaited<ReturnType<TestPlatform['app']['inject']>>;

async function start(limits: Partial<Limits>, options: { store?: Store; trustedProxies?: string[] } = {}) {
  const { store, trustedProxies = [] } = options;
  platform = await startTestPlatform({
    operations: { limits, trustedProxies },
    ...(store === undefined ? {} : { store }),
  });
}

async function visitor(session: string): Promise<Visitor> {
  const { token } = await platform.visitorToken(session);
  const headers = { authorization: `Bearer ${token}` };
  const url = '/ucwa/psanon/v1/applications';
  const made = await platform.app.inject({ method: 'POST', url, headers, payload: { anonymousDisplayName: 'Vera' } });
  const self = made.json<{ _links: { self: { href: string } } }>()._links.self.href;
  return {
    ring: (number, remoteAddress = '203.0.113.7', forwarded) =>
      platform.app.inject({
        method: 'POST',
        url: `${self}/communication/messagingInvitations`,
        headers: { ...headers, ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) },
        payload: { operationId: `${session}-${number}`, to: helpdesk },
        remoteAddress,
      }),
  };
}

describe('invitations a minute', () => {
  test('of one token: 429 with Retry-After, without a commit, and again after a minute', async () => {
    const memory = openMemoryStore();
    let commits = 0;
    const store: Store = {
      read: (look) => memory.read(look),
      close: () => memory.close(),
      commit: (decide) => {
        commits += 1;
        return memory.commit(decide);
      },
    };
    await start({ invitationsPerToken: 2 }, { store });
    const vera = await visitor('vera');
    expect((await vera.ring(1)).statusCode).toBe(201);
    expect((await vera.ring(2)).statusCode).toBe(201);
    const before = commits;
    const refused = await vera.ring(3);
    expect(refused.statusCode).toBe(429);
    expect(errorOf(refused)).toBe('TooManyRequests');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(commits).toBe(before);
    expect((await (await visitor('walter')).ring(1)).statusCode).toBe(201);
    vi.setSystemTime(Date.now() + 61_000);
    expect((await vera.ring(4)).statusCode).toBe(201);
  });

  test('of one address, whoever asks; an IPv6 subscriber is one address', async () => {
    await start({ invitationsPerAddress: 1 });
    const [vera, walter] = [await visitor('vera'), await visitor('walter')];
    expect((await vera.ring(1, '203.0.113.7')).statusCode).toBe(201);
    expect((await walter.ring(1, '203.0.113.7')).statusCode).toBe(429);
    expect((await walter.ring(2, '2001:db8:1:2:3::4')).statusCode).toBe(201);
    expect((await vera.ring(2, '2001:db8:1:2:5::6')).statusCode).toBe(429);
    expect((await vera.ring(3, '2001:db8:1:3::1')).statusCode).toBe(201);
  });

  test('an address is believed only when a known proxy says it', async () => {
    await start({ invitationsPerAddress: 1 }, { trustedProxies: ['10.0.0.0/8'] });
    const vera = await visitor('vera');
    expect((await vera.ring(1, '10.1.1.1', '198.51.100.1, 203.0.113.7')).statusCode).toBe(201);
    expect((await vera.ring(2, '10.1.1.1', '198.51.100.2, 203.0.113.7')).statusCode).toBe(429);
    expect((await vera.ring(3, '192.0.2.1', '198.51.100.3')).statusCode).toBe(201);
    expect((await vera.ring(4, '192.0.2.1', '198.51.100.4')).statusCode).toBe(429);
  });

  test('a part of a batch comes from where the batch comes from, not from this machine', async () => {
    await start({ invitationsPerAddress: 1 }, { trustedProxies: ['10.0.0.0/8'] });
    const ring = async (session: string, remoteAddress: string, forwarded?: string) => {
      const { token } = await platform.visitorToken(session);
      const headers = { authorization: `Bearer ${token}` };
      const url = '/ucwa/psanon/v1/applications';
      const payload = { anonymousDisplayName: session };
      const made = await platform.app.inject({ method: 'POST', url, headers, payload });
      const { href } = made.json<{ _links: { self: { href: string } } }>()._links.self;
      const batch = await platform.app.inject({
        method: 'POST',
        url: `${href}/batch`,
        headers: {
          ...headers,
          'content-type': 'multipart/batching;boundary=b',
          ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
        },
        payload: [
          '--b',
          'Content-Type: application/http',
          '',
          `POST ${href}/communication/messagingInvitations HTTP/1.1`,
          'Content-Type: application/json',
          'X-Forwarded-For: 127.0.0.1',
          '',
          JSON.stringify({ operationId: session, to: helpdesk }),
          '--b--',
          '',
        ].join('\r\n'),
        remoteAddress,
      });
      return /HTTP\/1\.1 (\d+)/.exec(batch.body)?.[1];
    };
    expect(await ring('vera', '203.0.113.7')).toBe('201');
    expect(await ring('walter', '203.0.113.7')).toBe('429');
    expect(await ring('xaver', '10.1.1.1', '203.0.113.8')).toBe('201');
    expect(await ring('yvonne', '10.1.1.1', '203.0.113.8')).toBe('429');
  });

  test('this machine is not limited by address', async () => {
    await start({ invitationsPerAddress: 1 });
    const vera = await visitor('vera');
    for (const number of [1, 2, 3]) expect((await vera.ring(number, '127.0.0.1')).statusCode).toBe(201);
  });

  test('a service application has a limit of its own', async () => {
    await start({ serviceInvitations: 1, invitationsPerAddress: 1 });
    const headers = { authorization: `Bearer ${await platform.serviceToken()}` };
    const ring = (operationId: string) =>
      platform.app.inject({
        method: 'POST',
        url: `${platform.applicationPath}/communication/messagingInvitations?endpointId=${helpdesk}`,
        headers,
        payload: { operationId, to: 'sip:ann@contoso.com' },
      });
    expect((await ring('a')).statusCode).toBe(201);
    expect((await ring('b')).statusCode).toBe(429);
  });
});

describe('requests that write', () => {
  test('of one token: 429 with Retry-After, also inside of a batch; reading is not counted', async () => {
    await start({ writesPerToken: 3 });
    const { token } = await platform.visitorToken('vera');
    const headers = { authorization: `Bearer ${token}` };
    const applications = '/ucwa/psanon/v1/applications';
    const payload = { anonymousDisplayName: 'Vera' };
    const made = await platform.app.inject({ method: 'POST', url: applications, headers, payload });
    const { href } = made.json<{ _links: { self: { href: string } } }>()._links.self;
    for (let round = 0; round < 5; round += 1)
      expect((await platform.app.inject({ url: href, headers })).statusCode).toBe(200);
    const lines = ['--b', 'Content-Type: application/http', '', `POST ${href}/reportMyActivity HTTP/1.1`, '', ''];
    const batch = await platform.app.inject({
      method: 'POST',
      url: `${href}/batch`,
      headers: { ...headers, 'content-type': 'multipart/batching;boundary=b' },
      payload: [...lines, ...lines, '--b--', ''].join('\r\n'),
    });
    expect([...batch.body.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)).toEqual([
      expect.not.stringMatching('429'),
      '429',
    ]);
    const refused = await platform.app.inject({ method: 'DELETE', url: href, headers });
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const walter = await visitor('walter');
    expect((await walter.ring(1)).statusCode).toBe(201);
    vi.setSystemTime(Date.now() + 61_000);
    expect((await platform.app.inject({ method: 'DELETE', url: href, headers })).statusCode).toBe(204);
  });

  test('of a service application are not limited', async () => {
    await start({ writesPerToken: 1 });
    for (const session of ['one', 'two', 'three'])
      expect((await platform.visitorToken(session)).token).toMatch(/^psat=/);
  });
});

describe('refused token requests', () => {
  const ask = (secret: string, remoteAddress: string, client = 'desk', more: Record<string, string> = {}) =>
    platform.app.inject({
      method: 'POST',
      url: '/oauth2/contoso.com/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client,
        client_secret: secret,
        ...more,
      }).toString(),
      remoteAddress,
    });

  test('at the same time are counted before their secrets are looked at', async () => {
    await start({ tokenFailuresPerAddress: 5 });
    const guesses = Array.from({ length: 12 }, (_, number) =>
      ask('a-guessed-secret', '203.0.113.7', `client-${number}`),
    );
    const statuses = (await Promise.all(guesses)).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  test('from everywhere at once: few secrets are checked at a time, the others get 429, and a known one is not held up', async () => {
    await start({});
    expect((await ask(clientSecret, '203.0.113.1')).statusCode).toBe(200);
    const order: string[] = [];
    const guesses = Array.from({ length: 60 }, (_, number) =>
      ask('a-guessed-secret', `198.51.100.${number}`, `client-${number}`).then((answer) => {
        order.push(String(answer.statusCode));
        return answer;
      }),
    );
    const right = ask(clientSecret, '203.0.113.1').then(({ statusCode }) => order.push(`right ${statusCode}`));
    const answers = await Promise.all(guesses);
    await right;
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(60 - 22);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(order.lastIndexOf('401')).toBeGreaterThan(order.indexOf('right 200'));
    // What was not looked at is no refused guess.
    expect((await ask(clientSecret, '198.51.100.59')).statusCode).toBe(200);
  });

  test('a right secret asks as often as it likes, and one that was ended is not remembered', async () => {
    await start({ tokenFailuresPerAddress: 2, tokenFailuresPerClient: 2 });
    await ask(clientSecret, '203.0.113.7');
    const many = await Promise.all(Array.from({ length: 20 }, () => ask(clientSecret, '203.0.113.7')));
    expect(new Set(many.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    await platform.app.inject({
      method: 'PUT',
      url: '/management/tenants/contoso.com/applications/desk',
      headers: { authorization: `Bearer ${operatorToken}` },
      payload: { clientSecret: 'another-secret-of-the-application' },
    });
    expect((await ask(clientSecret, '203.0.113.7')).statusCode).toBe(401);
    expect((await ask('another-secret-of-the-application', '203.0.113.7')).statusCode).toBe(200);
  });

  test('another spelling of a client or a meeting is the same one, and what does not count is not looked at', async () => {
    await start({ tokenFailuresPerClient: 3 });
    const statuses: number[] = [];
    for (const client of ['desk', 'dESK', 'Desk', 'DESK', 'DeSK'])
      statuses.push((await ask('a-guessed-secret', '203.0.113.7', client)).statusCode);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const meeting = 'sip:desk@contoso.com;gruu;opaque=app:conf:focus:id:ABCDEF';
    const guess = (uri: string, client: string) =>
      ask('', '203.0.113.8', client, {
        grant_type: 'urn:microsoft.rtc:anonmeeting',
        ms_rtc_conferenceuri: uri,
        password: 'GUESSED',
      });
    const guesses: number[] = [];
    for (const [at, uri] of [meeting, meeting.toUpperCase(), meeting, meeting].entries())
      guesses.push((await guess(uri.replace(/^SIP/, 'sip'), `client-${at}`)).statusCode);
    expect(guesses).toEqual([400, 400, 400, 429]);
  });

  test('too many for one client at one address close that address for it, also to the right secret, and nobody else', async () => {
    await start({ tokenFailuresPerClient: 2 });
    const guess = 'not-the-secret-of-anybody';
    expect((await ask(guess, '203.0.113.7')).statusCode).toBe(401);
    expect((await ask(clientSecret, '203.0.113.7')).statusCode).toBe(200);
    expect((await ask(guess, '203.0.113.7')).statusCode).toBe(401);
    const refused = await ask(clientSecret, '203.0.113.7');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBeDefined();
    expect((await ask(clientSecret, '203.0.113.8')).statusCode).toBe(200);
    expect((await ask(clientSecret, '203.0.113.7', 'other')).statusCode).toBe(200);
    vi.setSystemTime(Date.now() + 61_000);
    expect((await ask(clientSecret, '203.0.113.7')).statusCode).toBe(200);
  });

  test('too many at one address, whatever the client', async () => {
    await start({ tokenFailuresPerAddress: 2 });
    for (const client of ['one', 'two'])
      expect((await ask('a-guessed-secret', '203.0.113.7', client)).statusCode).toBe(401);
    expect((await ask(clientSecret, '203.0.113.7')).statusCode).toBe(429);
  });
});

describe('addresses', () => {
  const addressOf = createAddressOf(['127.0.0.1/32', 'fd00::/8']);
  const key = (remoteAddress: string, forwarded?: string) =>
    addressOf({
      socket: { remoteAddress } as never,
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }).key;

  test('are the peer, the last hop of a known proxy, and never what is not an address', () => {
    expect(key('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(key('127.0.0.1', '203.0.113.7')).toBe('203.0.113.7');
    expect(key('::ffff:127.0.0.1', '1.1.1.1, 203.0.113.7:4711')).toBe('203.0.113.7');
    expect(key('fd00::1', '[2001:db8::1]:4711')).toBe('2001:db8:0:0::/64');
    expect(key('127.0.0.1', 'unknown')).toBe('127.0.0.1');
    expect(key('192.0.2.1', '203.0.113.7')).toBe('192.0.2.1');
  });
});
