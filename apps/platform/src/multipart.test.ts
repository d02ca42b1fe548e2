import { describe, expect, test } from 'vitest';
import { parseRelatedParts } from './multipart.ts';

const type = 'multipart/related; boundary="b1"; type="application/json"';
const body = (json: object, part = 'Content-ID: 2\r\nContent-Type: text/x-cart'): Buffer =>
  Buffer.from(
    `\r\n--b1\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(json)}\r\n--b1\r\n${part}\r\n\r\nitem=4711 ä\r\n--b1--\r\n`,
  );
const dataUri = 'data:text/x-cart,item%3d4711+%c3%a4';

describe('multipart/related', () => {
  test('CID:n becomes the data URI of that part, in members and in links', () => {
    expect(parseRelatedParts(type, body({ to: 'sip:a@b', customContent: 'CID:2' }))).toEqual({
      to: 'sip:a@b',
      customContent: dataUri,
    });
    expect(parseRelatedParts(type, body({ _links: { message: { href: 'cid:2' } } }))).toEqual({
      _links: { message: { href: dataUri } },
    });
  });

  test('a part without an id is counted, the JSON being the first', () => {
    expect(parseRelatedParts(type, body({ customContent: 'CID:2' }, 'content-type: text/x-cart'))).toEqual({
      customContent: dataUri,
    });
  });

  test.each([
    ['text/x-cart; charset="UTF-8"; format=flowed', 'data:text/x-cart;charset=utf-8,item%3d4711+%c3%a4'],
    ['Foo/Foo;charset=utf-8', 'data:foo/foo;charset=utf-8,item%3d4711+%c3%a4'],
    ['nonsense', 'data:text/plain,item%3d4711+%c3%a4'],
  ])('the content type %s is written as old clients read it', (contentType, uri) => {
    const parts = body({ customContent: 'CID:2' }, `Content-ID: 2\r\nContent-Type: ${contentType}`);
    expect(parseRelatedParts(type, parts)).toEqual({ customContent: uri });
  });

  test('bytes that are no text become base64', () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x0d, 0x0a, 0x80]);
    const head =
      '--b1\r\nContent-Type: application/json\r\n\r\n{"customContent":"CID:2"}\r\n--b1\r\nContent-Type: image/png\r\n\r\n';
    const parts = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--b1--')]);
    expect(parseRelatedParts(type, parts)).toEqual({
      customContent: `data:image/png;base64,${bytes.toString('base64')}`,
    });
  });

  test.each([
    ['no boundary', 'multipart/related', body({})],
    ['no end', type, Buffer.from('--b1\r\n\r\n{}')],
    ['no JSON', type, Buffer.from('--b1\r\n\r\nrubbish\r\n--b1--')],
    ['no such part', type, body({ customContent: 'CID:9' })],
    ['nothing', type, Buffer.from('')],
  ])('%s: 400 DeserializationFailure', (_name, contentType, bytes) => {
    expect(() => parseRelatedParts(contentType, bytes)).toThrow(
      expect.objectContaining({ status: 400, subcode: 'DeserializationFailure' }),
    );
  });
});
