import { expect, test } from 'vitest';
import { messageBytes, messageText, readMarks } from './mark.ts';

test('a message has 64 bytes and is found again, wherever it stands, in its order', () => {
  const texts = [messageText('visitor', 0, 0), messageText('agent', 4_999, 123_456)];
  for (const text of texts) expect(Buffer.byteLength(text)).toBe(messageBytes);
  const seen: unknown[] = [];
  readMarks(`{"a":"data:text/plain,${texts[0]}"},{"b":"${texts[1]}"}`, (...mark) => seen.push(mark));
  expect(seen).toEqual([
    ['visitor', 0, 0],
    ['agent', 4_999, 123_456],
  ]);
});

test('a body without one', () => {
  readMarks('{"href":"sip:helpdesk@bench.example"}', () => expect.unreachable());
});
