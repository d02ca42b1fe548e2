import { expect, test } from 'vitest';
import { MessageReader } from './messageReader.ts';

const plain = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n';
const empty = 'HTTP/1.1 204 No Content\r\nDate: today\r\n\r\n';
const request = 'POST /callback?callbackContext=a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}';

const bodiesOf = (reader: MessageReader, piece: string): string[] => reader.push(piece).map(({ body }) => body);

test('lengths, chunks, no body, and requests', () => {
  expect(bodiesOf(new MessageReader(), plain)).toEqual(['hello']);
  expect(bodiesOf(new MessageReader(), chunked)).toEqual(['hello']);
  expect(bodiesOf(new MessageReader(), empty)).toEqual(['']);
  expect(new MessageReader().push(request)).toMatchObject([{ startLine: request.split('\r\n')[0], body: '{}' }]);
});

test('several in one piece, and one in many pieces', () => {
  expect(bodiesOf(new MessageReader(), plain + empty + chunked + plain)).toEqual(['hello', '', 'hello', 'hello']);
  for (const message of [plain, chunked, empty]) {
    const reader = new MessageReader();
    const bodies = [...message].flatMap((byte) => bodiesOf(reader, byte));
    expect(bodies).toHaveLength(1);
  }
});
