/** Connections that are held open by somebody who sends too little, over real sockets. */
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { AppOptions } from './app.ts';
import { openMemoryStore } from './store/memory.ts';
import type { Store } from './store/store.ts';
import { startTestPlatform, type TestPlatform } from './testing/testPlatform.ts';

let platform: TestPlatform;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await platform.app.close();
});

async function start(options: Partial<AppOptions>): Promise<void> {
  platform = await startTestPlatform(options);
  await platform.app.listen({ port: 0, host: '127.0.0.1' });
}

/** Sends a text and no more. @returns what is heard until the connection ends */
function hold(text: string): Promise<string> {
  const { port } = platform.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  sockets.push(socket);
  let heard = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    heard += chunk;
  });
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.on('close', () => resolve(heard)));
}

const slowBody =
  'POST /oauth2/contoso.com/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na';

const connections = (): Promise<number> =>
  new Promise((resolve) => platform.app.server.getConnections((_, count) => resolve(count)));

/** A request that waits for events. */
async function park(): Promise<{ readonly answered: Promise<string> }> {
  const { token } = await platform.visitorToken();
  const headers = { authorization: `Bearer ${token}` };
  const made = await platform.app.inject({
    method: 'POST',
    url: '/ucwa/psanon/v1/applications',
    headers,
    payload: { anonymousDisplayName: 'Vera' },
  });
  const { href } = made.json<{ _links: { events: { href: string } } }>()._links.events;
  const answered = hold(`GET ${href} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await expect.poll(() => platform.app.pendingGets.parked).toBe(1);
  return { answered };
}

test('a body that does not come is answered 408; a request that waits for events is not touched', async () => {
  await start({ requestTimeoutMs: 100 });
  const { answered } = await park();
  expect(await hold(slowBody)).toMatch(/^HTTP\/1\.1 408 /);
  expect(platform.app.pendingGets.parked).toBe(1);
  platform.app.drain();
  await platform.app.close();
  expect(await answered).toMatch(/^HTTP\/1\.1 200 /);
});

test('the default leaves half a minute', async () => {
  await start({});
  expect(platform.app.server.requestTimeout).toBe(30_000);
});

test.each([
  ['a request whose body does not come', slowBody],
  ['a request whose head does not come', 'GET / HTTP/1.1\r\nHost:'],
  ['a connection without a request', ''],
])('%s does not keep the server from closing', async (_, text) => {
  await start({ finishMs: 100 });
  const held = hold(text);
  await expect.poll(() => connections()).toBe(1);
  await platform.app.close();
  await held;
});

test('a request that arrived completely is answered before the server closes', async () => {
  let answer: () => void = () => undefined;
  let isAsked = false;
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const memory = openMemoryStore();
  const store: Store = {
    commit: (decide) => memory.commit(decide),
    read: async (look) => {
      if (isAsked) await held;
      return memory.read(look);
    },
    close: () => memory.close(),
  };
  await start({ finishMs: 10, store });
  isAsked = true;
  const heard = hold('POST /oauth2/contoso.com/token HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  const other = hold(slowBody);
  await expect.poll(() => connections()).toBe(2);
  const closed = platform.app.close();
  await other;
  answer();
  expect(await heard).toMatch(/^HTTP\/1\.1 400 /);
  await closed;
});
