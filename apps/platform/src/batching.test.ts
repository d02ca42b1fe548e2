import { describe, expect, test } from 'vitest';
import { parseBatch, writeBatch } from './batching.ts';

const type = 'multipart/batching;boundary=0f3c';
const parse = (text: string) => parseBatch(type, Buffer.from(text));

describe('the request', () => {
  test('as old clients write it: an empty line first, no body, and a body as a header called Data (U5)', () => {
    const head = 'Content-Type: application/http; msgtype=request\r\n\r\n';
    const text = `\r\n--0f3c\r\n${head}GET /ucwa/v1/applications/1/me HTTP/1.1\r\nHost: pool.example\r\nAccept: application/json\r\n\r\n\r\n--0f3c\r\n${head}POST me/presence HTTP/1.1\r\nHost: pool.example\r\nContent-Type: application/json\r\nData: {"availability":"Busy"}\r\n\r\n\r\n--0f3c--\r\n`;
    expect(parse(text)).toEqual([
      {
        method: 'GET',
        target: '/ucwa/v1/applications/1/me',
        headers: { host: 'pool.example', accept: 'application/json' },
      },
      {
        method: 'POST',
        target: 'me/presence',
        headers: { host: 'pool.example', 'content-type': 'application/json' },
        body: '{"availability":"Busy"}',
      },
    ]);
  });

  test('with a body in its place, and bare line feeds', () => {
    const text =
      '--0f3c\nContent-Type: application/http\n\nPOST /a HTTP/1.1\nContent-Type: text/plain\n\nHello\n--0f3c--';
    expect(parse(text)).toMatchObject([{ method: 'POST', target: '/a', body: 'Hello' }]);
  });

  test.each(['--0f3c\r\n\r\nrubbish\r\n--0f3c--', '--0f3c\r\n\r\nGET /a HTTP/1.1\r\n', ''])(
    'what is no batch is refused or empty: %j',
    (text) => {
      if (text === '') expect(parse(text)).toEqual([]);
      else expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );
});

test('the answer has the layout of U4', () => {
  const json = 'application/json; charset=utf-8';
  const text = writeBatch('b2', [
    {
      status: 200,
      headers: { 'content-type': json, 'x-ms-correlation-id': '7' },
      body: '{\n"a":"HTTP/1.1 200 OK"}',
    },
    { status: 204, headers: { 'content-type': json }, body: '' },
  ]);
  expect(text).toBe(
    [
      '--b2',
      'Content-Type: application/http; msgtype=response',
      '',
      'HTTP/1.1 200 OK',
      'X-MS-Correlation-Id: 7',
      'Content-Type: application/json; charset=utf-8',
      '',
      '{ "a":"HTTP\\/1.1 200 OK"}',
      '--b2',
      'Content-Type: application/http; msgtype=response',
      '',
      'HTTP/1.1 204 No Content',
      '',
      '',
      '--b2--',
      '',
    ].join('\r\n'),
  );
  expect(JSON.parse('{ "a":"HTTP\\/1.1 200 OK"}')).toEqual({ a: 'HTTP/1.1 200 OK' });
});
