/** Child of the contract test: commits numbers and prints each one after its commit has resolved, until it is killed. */
import { channelEvent } from '../../model/channel.ts';
import { openLmdbStore } from '../lmdb.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('The folder of the store is missing');
const store = openLmdbStore(folder);
for (let number = 1; ; number += 1) {
  await store.commit((transaction) => {
    const event = { link: { rel: 'message', href: `/${number}` }, type: 'started' } as const;
    transaction.append('killed', channelEvent({ rel: 'communication', href: '/c' }, event, 'high'));
    transaction.schedule({ name: `timer${number}`, dueAt: number, kind: 'test', id: String(number) });
  });
  process.stdout.write(`${number}\n`);
}
