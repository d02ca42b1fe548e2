import type { Database } from '@repo/db/client';
import { findHelpdeskByKey } from '@repo/db/helpdesks';
import { findPersonByEmail, listPeople } from '@repo/db/people';
import { openTestDatabase } from '@repo/db/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseDemo, seedDemo } from './seedDemo.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
}, 60_000);
afterAll(() => db.close());

const file = {
  helpdesk: {
    publicKey: 'contoso',
    uri: 'sip:helpdesk@contoso.com',
    displayName: 'Contoso',
    allowedOrigins: ['http://localhost:3002'],
  },
  people: [{ email: 'Ann@contoso.com', name: 'Ann', sipUri: 'sip:ann@contoso.com', role: 'agent', password: 'one' }],
};
const hashed: string[] = [];
const passwords = {
  hash: async (password: string) => {
    hashed.push(password);
    return `hash of ${password}`;
  },
  verify: async (hash: string, password: string) => hash === `hash of ${password}`,
};

it('sets up a helpdesk and people, once', async () => {
  const demo = parseDemo(JSON.stringify(file));
  await seedDemo({ db, now: new Date(0), passwords }, demo);
  const first = await findPersonByEmail(db, 'ANN@contoso.com');
  await seedDemo({ db, now: new Date(1), passwords }, demo);
  expect(await findPersonByEmail(db, 'ann@contoso.com')).toEqual(first);
  expect(await listPeople(db)).toHaveLength(1);
  expect(hashed).toEqual(['one']);
  expect(first).toMatchObject({ passwordHash: 'hash of one', capacity: 3 });
  expect((await findHelpdeskByKey(db, 'contoso'))?.allowedOrigins).toEqual(['http://localhost:3002']);
});

it.each([
  ['no JSON', '{"password": secret'],
  ['not a demo', '{"people":[{"password":"secret"}]}'],
])('says what is wrong without showing a password: %s', (_case, text) => {
  expect(() => parseDemo(text)).toThrow(/^(?!.*secret).*the demo file is/);
});
