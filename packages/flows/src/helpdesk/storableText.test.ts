import { expect, test } from 'vitest';
import { fromCallback } from './fromCallback.ts';
import { storableText } from './storableText.ts';
import * as wire from './testing/wire.ts';
import { textOf } from './wireReader.ts';

test.each([
  ['U+0000', 'a\0b\0', 'a\ufffdb\ufffd'],
  ['half a pair', 'a\ud83d b\ude00', 'a\ufffd b\ufffd'],
  ['whole pairs, left alone', 'a\u{1f600}b', 'a\u{1f600}b'],
])('%s', (_case, text, storable) => {
  expect(storableText(text)).toBe(storable);
  expect(textOf(text)).toBe(storable);
});

test('the text of a message is storable once its data link is decoded', () => {
  const sent = wire.message({ leg: 'C1', n: 1, direction: 'Incoming', at: 1, text: 'a\0b', from: wire.visitor });
  const legs = { c1ConversationHref: wire.conversationHref('C1') };
  expect(fromCallback(wire.batch(sent), legs)).toMatchObject([{ type: 'message.completed', text: 'a\ufffdb' }]);
});
