import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { headerCase } from './headerCase.ts';
import { startTestPlatform } from './testing/testPlatform.ts';

test('names are written as they are documented', () => {
  expect(
    ['content-type', 'x-ms-correlation-id', 'x-ms-server-fqdn', 'www-authenticate', 'etag', 'x-ms-diagnostics'].map(
      headerCase,
    ),
  ).toEqual([
    'Content-Type',
    'X-MS-Correlation-Id',
    'X-MS-Server-Fqdn',
    'WWW-Authenticate',
    'ETag',
    'X-Ms-diagnostics',
  ]);
});

test('also on the wire (client-expectations U1)', async () => {
  const { app } = await startTestPlatform();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const names = await new Promise<string[]>((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/platformservice/discover', agent: false }, (response) => {
      response.resume();
      resolve(response.rawHeaders.filter((_, index) => index % 2 === 0));
    }).on('error', reject);
  });
  await app.close();
  expect(names).toEqual(expect.arrayContaining(['Content-Type', 'X-MS-Correlation-Id', 'X-MS-Server-Fqdn']));
});
