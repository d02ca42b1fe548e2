import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { AddressNotAllowedError, type Resolve } from './callbackAddresses.ts';
import { createKeepAlivePost, type KeepAlivePost } from './keepAlivePost.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Who was reached, on one port of two addresses of this machine. */
async function startTwoServers() {
  const reached: string[] = [];
  const start = (address: string, wanted: number) =>
    listen(
      createServer((request, response) => {
        reached.push(`${address} ${request.headers.host}`);
        response.writeHead(200, { Connection: request.url === '/last' ? 'close' : 'keep-alive' }).end();
      }),
      address,
      wanted,
    );
  const port = await start('127.0.0.1', 0);
  await start('127.0.0.2', port);
  return { reached, port };
}

async function listen(server: Server, address: string, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** Answers with one address after the other, and counts. */
function resolver(...answers: string[]) {
  const asked: string[] = [];
  const resolve: Resolve = async (host) => {
    asked.push(host);
    return [{ address: answers[asked.length - 1] ?? '127.0.0.2', family: 4 }];
  };
  return { asked, resolve };
}

function startClient(resolve: Resolve): (url: string, cidrs: readonly string[]) => ReturnType<KeepAlivePost['post']> {
  const client = createKeepAlivePost(resolve);
  closing.unshift(async () => client.close());
  return (url, cidrs) => client.post(url, { headers: {}, body: '{}', signal: AbortSignal.timeout(5_000), cidrs });
}

const first = ['127.0.0.1/32'];

test('a name that answers differently the next time leads nowhere new', async () => {
  const { reached, port } = await startTwoServers();
  const { asked, resolve } = resolver('127.0.0.1', '127.0.0.2');
  const post = startClient(resolve);
  expect((await post(`http://sa.example:${port}/`, first)).status).toBe(200);
  // On the same connection: nobody is asked again.
  expect((await post(`http://sa.example:${port}/last`, first)).status).toBe(200);
  expect(asked).toEqual(['sa.example']);
  // A new connection asks once, and what it hears is not allowed.
  await expect(post(`http://sa.example:${port}/`, first)).rejects.toBeInstanceOf(AddressNotAllowedError);
  expect(asked).toHaveLength(2);
  expect(reached).toEqual([`127.0.0.1 sa.example:${port}`, `127.0.0.1 sa.example:${port}`]);
});

test('without a block a loopback address is not called, by name or by number', async () => {
  const { reached, port } = await startTwoServers();
  const post = startClient(resolver('127.0.0.1').resolve);
  for (const host of ['sa.example', '127.0.0.1', '2130706433', '[::ffff:127.0.0.1]'])
    await expect(post(`http://${host}:${port}/`, [])).rejects.toBeInstanceOf(AddressNotAllowedError);
  expect(reached).toEqual([]);
});

test('a connection of an application that may is not taken by one that may not', async () => {
  const { reached, port } = await startTwoServers();
  const post = startClient(resolver('127.0.0.1', '127.0.0.1').resolve);
  expect((await post(`http://sa.example:${port}/`, first)).status).toBe(200);
  await expect(post(`http://sa.example:${port}/`, [])).rejects.toBeInstanceOf(AddressNotAllowedError);
  expect(reached).toHaveLength(1);
});

test('TLS is asked for by name, whatever the address', async () => {
  const names: string[] = [];
  const server = createTlsServer({
    SNICallback: (name, done) => {
      names.push(name);
      done(new Error('no certificate here'));
    },
  });
  const port = await listen(server, '127.0.0.1', 0);
  const post = startClient(resolver('127.0.0.1').resolve);
  await expect(post(`https://sa.example:${port}/`, first)).rejects.toThrow();
  expect(names).toEqual(['sa.example']);
});
