/** The script of the hidden frame, run against a browser made of a few objects (reference/auth.md 4). */
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { xframeScript } from './xframeScript.ts';

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

const page = 'https://old.example';

/** @returns asks as the page does, and what was sent and answered */
function openFrame() {
  const sent: Sent[] = [];
  const answers: { message: Record<string, unknown>; to: string }[] = [];
  const parent = {
    postMessage: (text: string, to: string) =>
      answers.push({ message: JSON.parse(text) as Record<string, unknown>, to }),
  };
  let listener: (event: object) => void = () => undefined;
  class Request {
    status = 200;
    statusText = 'OK';
    responseText = '{"rel":"me"}';
    onloadend = (): void => undefined;
    readonly #headers: Record<string, string> = {};
    #method = '';
    #url = '';
    open(method: string, url: string): void {
      [this.#method, this.#url] = [method, url];
    }
    setRequestHeader(name: string, value: string): void {
      this.#headers[name] = name in this.#headers ? `${this.#headers[name]}, ${value}` : value;
    }
    getAllResponseHeaders = (): string => 'content-type: application/json\r\netag: "1"\r\nx-ms-server-fqdn: a-b: c\r\n';
    send(body: string | null): void {
      sent.push({ method: this.#method, url: this.#url, headers: this.#headers, body });
      this.onloadend();
    }
  }
  runInNewContext(xframeScript, {
    document: { documentElement: { dataset: { origin: page } } },
    window: { parent },
    location: { origin: 'https://platform.example' },
    URL,
    XMLHttpRequest: Request,
    addEventListener: (_name: string, heard: typeof listener) => {
      listener = heard;
    },
  });
  const ask = (data: unknown, event: object = {}): void => listener({ source: parent, origin: page, data, ...event });
  return { ask, sent, answers };
}

test('a request of the page is sent in its name, and the answer goes back to it alone', () => {
  const { ask, sent, answers } = openFrame();
  ask(
    JSON.stringify({
      type: 'post',
      url: '/ucwa/oauth/v1/applications',
      accepts: 'application/json',
      contentType: 'application/json',
      data: '{"culture":"en-us"}',
      headers: { Authorization: 'Bearer t', 'X-Ms-Origin': 'https://evil.example' },
      messageId: 'm1',
    }),
  );
  expect(sent).toEqual([
    {
      method: 'POST',
      url: 'https://platform.example/ucwa/oauth/v1/applications',
      headers: {
        Authorization: 'Bearer t',
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'X-Requested-With': 'XMLHttpRequest',
        'X-Ms-Origin': page,
      },
      body: '{"culture":"en-us"}',
    },
  ]);
  const message = { status: 200, statusText: 'OK', responseText: '{"rel":"me"}', messageId: 'm1' };
  expect(answers).toEqual([
    {
      message: { ...message, headers: 'Content-Type: application/json\r\nETag: "1"\r\nX-MS-Server-Fqdn: a-b: c\r\n' },
      to: page,
    },
  ]);
});

test('other windows, other origins and nonsense are not heard; other servers are not asked', () => {
  const { ask, sent, answers } = openFrame();
  const request = JSON.stringify({ url: '/ucwa/oauth/v1/user', messageId: 'm1' });
  ask(request, { origin: 'https://evil.example' });
  ask(request, { source: {} });
  ask('nonsense');
  ask('null');
  expect([sent, answers]).toEqual([[], []]);
  ask(JSON.stringify({ url: 'https://elsewhere.example/', messageId: 'm2' }));
  expect(sent).toEqual([]);
  expect(answers).toMatchObject([{ message: { status: 0, messageId: 'm2' }, to: page }]);
});
