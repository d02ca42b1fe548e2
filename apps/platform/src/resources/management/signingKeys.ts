/** The keys that sign this platform's tokens, and their rotation (model/signingKeys.ts). Secret members are never shown. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { makeSigningKey } from '../../auth/keys.ts';
import type { Deps } from '../../deps.ts';
import { invalidParameters } from '../../errors.ts';
import { readInput } from '../../input.ts';
import {
  defaultLeadMs,
  publishedUntil,
  type SigningKeys,
  shortestLeadMs,
  signingKeyAt,
  signingKeyState,
  withNextKey,
  withoutKey,
} from '../../model/signingKeys.ts';
import { audit } from './audit.ts';
import { conflict, isForced, isoDate, param } from './inputs.ts';

const longestLeadSeconds = 90 * 24 * 3600;
export const signingKeyInput = z.object({
  activatesInSeconds: z.coerce
    .number()
    .int()
    .min(shortestLeadMs / 1000)
    .max(longestLeadSeconds)
    .default(defaultLeadMs / 1000),
});

export function registerManagedSigningKeys(app: FastifyInstance, { keys, clock }: Deps): void {
  app.get('/management/signingKeys', async () => {
    const ring = await keys.ring();
    return { signingKeys: ring.keys.map(({ kid }) => keyAnswer(ring, kid, clock.now())) };
  });

  app.post('/management/signingKeys', async (request, reply) => {
    const { activatesInSeconds } = readInput(request, signingKeyInput);
    const now = clock.now();
    const key = await makeSigningKey(now, now + activatesInSeconds * 1000);
    const ring = await keys.change((known) => withNextKey(known, key));
    if (ring === undefined) conflict('A next key waits already');
    const answer = keyAnswer(ring, key.kid, now);
    audit(request, 'signingKey.add', answer);
    return reply.code(201).send(answer);
  });

  app.delete('/management/signingKeys/:kid', async (request, reply) => {
    const kid = param(request, 'kid');
    const forced = isForced(request);
    const before = await keys.ring();
    const state = signingKeyState(before, kid, clock.now());
    if (state === undefined) return reply.code(204).send();
    const now = clock.now();
    const substitute = forced ? await makeSigningKey(now, now) : undefined;
    const changed = await keys.change((ring) => {
      if (substitute !== undefined) return withoutKey(ring, kid, substitute, now);
      return signingKeyState(ring, kid, now) === 'retired'
        ? { keys: ring.keys.filter((key) => key.kid !== kid) }
        : undefined;
    });
    if (changed === undefined)
      conflict(`The key is ${state}; without force, which ends its tokens, only a retired one can be deleted`);
    audit(request, 'signingKey.delete', { kid, state, forced, signing: signingKeyAt(changed, now).kid });
    return reply.code(204).send();
  });
}

function keyAnswer(ring: SigningKeys, kid: string, now: number) {
  const key = ring.keys.find((one) => one.kid === kid);
  if (key === undefined) throw invalidParameters({ kid: 'unknown' });
  const until = publishedUntil(ring, kid);
  return {
    kid,
    state: signingKeyState(ring, kid, now),
    createdAt: isoDate(key.createdAt),
    activeFrom: isoDate(key.activeFrom),
    ...(until === undefined ? {} : { publishedUntil: isoDate(until) }),
  };
}
