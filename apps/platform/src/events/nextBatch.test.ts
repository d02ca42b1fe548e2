import { expect, test } from 'vitest';
import { ucwaChannelId } from '../model/channel.ts';
import { openMemoryStore } from '../store/memory.ts';
import { createManualClock } from '../testing/manualClock.ts';
import { carryOut, nextFor, type Poll } from './nextBatch.ts';
import { Patience } from './patience.ts';

const channelId = ucwaChannelId('1');

test('a batch that was built in a commit goes out when its request has been answered, not before', async () => {
  const store = openMemoryStore();
  await store.commit((transaction) => {
    transaction.append(channelId, { sender: { rel: 'me', href: '/me' }, text: '{}', priority: 'high' });
    transaction.put('channel', channelId, {
      acknowledged: 1,
      acknowledgedSeq: 0,
      batch: { ack: 2, fromSeq: 1, throughSeq: 1 },
    });
  });
  let visibleThrough = 0;
  const clock = createManualClock();
  const poll: Poll = {
    channelId,
    applicationId: '1',
    ack: 2,
    settings: {},
    patience: new Patience(clock, {}),
    visibleThrough: () => visibleThrough,
    now: () => clock.now(),
  };
  for (const ask of [nextFor, carryOut]) {
    visibleThrough = 0;
    expect(await store.commit((transaction) => ask(transaction, poll))).toMatchObject({ kind: 'wait' });
    visibleThrough = 1;
    expect(await store.commit((transaction) => ask(transaction, poll))).toMatchObject({
      kind: 'batch',
      batch: { ack: 2 },
    });
  }
});
