import { describe, expect, test } from 'vitest';
import { helpdesk, startTestPlatform } from '../testing/testPlatform.ts';
import type { Post } from './keepAlivePost.ts';

const callbackUrl = 'https://sa.example/own?color=blue';

async function start(post: Post) {
  const platform = await startTestPlatform({ post });
  const headers = { authorization: `Bearer ${await platform.serviceToken()}` };
  const application = await platform.app.inject({
    method: 'GET',
    url: `${platform.applicationPath}/communication?endpointId=${helpdesk}`,
    headers,
  });
  expect(application.statusCode).toBe(200);
  const join = (payload: object) =>
    platform.app.inject({
      method: 'POST',
      url: `/platformservice/tgt-1${platform.applicationPath.replace('/platformservice', '')}/communication/onlineMeetingInvitations/startAdhocMeeting?endpointId=${helpdesk}`,
      headers,
      payload: { operationId: 'op1', ...payload },
    });
  const meetings = () => platform.store.read((snapshot) => snapshot.ids('meeting'));
  return { platform, join, meetings };
}

describe('the probe of a callbackUrl', () => {
  test('is a batch without events to exactly that URL, before anything is kept', async () => {
    const seen: { url: string; body: unknown; meetings: number }[] = [];
    const { platform, join, meetings } = await start(async (url, init) => {
      seen.push({ url, body: JSON.parse(init.body), meetings: (await meetings()).length });
      return new Response(null, { status: 200 });
    });
    expect((await join({ callbackUrl })).statusCode).toBe(201);
    expect(seen[0]).toMatchObject({
      url: callbackUrl,
      body: { sender: [], baseuri: 'http://platform.example', _links: { self: { href: expect.any(String) } } },
      meetings: 0,
    });
    // The repeated operation has its answer already.
    expect((await join({ callbackUrl })).statusCode).toBe(201);
    expect(seen.filter(({ body }) => (body as { sender: unknown[] }).sender.length === 0)).toHaveLength(1);
    await platform.app.close();
  });

  test.each<[string, Post]>([
    ['refuses', async () => Promise.reject(new Error('refused'))],
    ['redirects', async () => new Response(null, { status: 307, headers: { Location: 'https://sa.example/x' } })],
    ['fails', async () => new Response(null, { status: 500 })],
    ['rejects the token, the fresh one too', async () => new Response(null, { status: 401 })],
  ])('a server that %s: 400, and nothing has happened', async (_what, post) => {
    const { platform, join, meetings } = await start(post);
    const answer = await join({ callbackUrl });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'BadRequest', subcode: 'CallbackUriUnreachable' });
    expect(await meetings()).toEqual([]);
    await platform.app.close();
  });

  test('one that does not answer within five seconds', async () => {
    let asked: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { platform, join } = await start((_url, init) => {
      asked();
      return new Promise((_resolve, reject) => init.signal.addEventListener('abort', () => reject(new Error('late'))));
    });
    const answer = join({ callbackUrl }).then((response) => response);
    await begun;
    await platform.clock.advance(5_000);
    expect((await answer).statusCode).toBe(400);
    await platform.app.close();
  });

  test('a host that is not listed is not asked; a context needs no probe', async () => {
    let asked = 0;
    const { platform, join } = await start(async () => {
      asked += 1;
      return Promise.reject(new Error('refused'));
    });
    expect((await join({ callbackUrl: 'https://evil.example/' })).statusCode).toBe(400);
    expect(asked).toBe(0);
    expect((await join({ callbackContext: 'c' })).statusCode).toBe(201);
    await platform.app.close();
  });
});
