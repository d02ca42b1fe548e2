/**
 * Secrets of an application. Two may be valid at once, so that one is replaced without an interruption: add the second, give it to
 * the application, retire the first.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { hashSecret, secretId } from '../../auth/clientSecret.ts';
import type { Deps } from '../../deps.ts';
import { readInput } from '../../input.ts';
import { type ServiceClient, serviceClientKey } from '../../model/registration.ts';
import { audit } from './audit.ts';
import { applicationOf, conflict, isForced, isoDate, param } from './inputs.ts';

const maxSecrets = 2;
export const secretInput = z.object({ clientSecret: z.string().min(16).optional() });
const base = '/management/tenants/:domain/applications/:clientId/secrets';

type Secrets = Pick<ServiceClient, 'secretHashes' | 'secretDates'>;

export function registerManagedSecrets(app: FastifyInstance, { store, clock }: Deps): void {
  app.get(base, async (request) => ({
    secrets: secretsAnswer(await store.read((snapshot) => applicationOf(snapshot, request))),
  }));

  app.post(base, async (request, reply) => {
    const given = readInput(request, secretInput).clientSecret;
    const clientSecret = given ?? randomBytes(32).toString('base64url');
    const hash = await hashSecret(clientSecret);
    const now = clock.now();
    const client = await store.commit((transaction) => {
      const client = applicationOf(transaction, request);
      if (client.secretHashes.length >= maxSecrets) conflict('Two secrets are valid already; retire one first');
      const { secretHashes, secretDates } = client;
      const added = {
        ...client,
        secretHashes: [...secretHashes, hash],
        secretDates: { ...secretDates, [secretId(hash)]: now },
      };
      transaction.put('serviceClient', serviceClientKey(client.tenantId, client.clientId), added);
      return client;
    });
    const answer = { id: secretId(hash), createdAt: isoDate(now) };
    audit(request, 'secret.add', { domain: param(request, 'domain'), clientId: client.clientId, ...answer });
    return reply.code(201).send({ ...answer, ...(given === undefined ? { clientSecret } : {}) });
  });

  app.delete(`${base}/:secretId`, async (request, reply) => {
    const id = param(request, 'secretId');
    const retired = await store.commit((transaction) => {
      const client = applicationOf(transaction, request);
      const secretHashes = client.secretHashes.filter((hash) => secretId(hash) !== id);
      if (secretHashes.length === client.secretHashes.length) return undefined;
      if (secretHashes.length === 0 && !isForced(request)) {
        conflict(
          'It is the only secret: without it the application cannot sign in. Add another one first, or use force',
        );
      }
      const { [id]: _date, ...secretDates } = client.secretDates ?? {};
      const changed = { ...client, secretHashes, secretDates };
      transaction.put('serviceClient', serviceClientKey(client.tenantId, client.clientId), changed);
      return client.clientId;
    });
    if (retired !== undefined)
      audit(request, 'secret.retire', { domain: param(request, 'domain'), clientId: retired, id });
    return reply.code(204).send();
  });
}

/** The secrets of an application that is put with one: nothing changes when it is valid already, otherwise it is the only one. */
export function withOnlySecret(known: ServiceClient | undefined, hash: string | undefined, now: number): Secrets {
  const { secretHashes = [], secretDates = {} } = known ?? {};
  if (hash === undefined || secretHashes.includes(hash)) return { secretHashes, secretDates };
  return { secretHashes: [hash], secretDates: { [secretId(hash)]: now } };
}

function secretsAnswer({ secretHashes, secretDates = {} }: ServiceClient) {
  return secretHashes.map((hash) => {
    const createdAt = secretDates[secretId(hash)];
    return { id: secretId(hash), ...(createdAt === undefined ? {} : { createdAt: isoDate(createdAt) }) };
  });
}
