/** What a request of an operator names, and what is found under the name. */
import { isSipUri, sipDomain } from '@repo/ucwa-protocol/sipUri';
import type { FastifyRequest } from 'fastify';
import { invalidParameters, RequestRefusedError } from '../../errors.ts';
import { queryValue } from '../../input.ts';
import { type ServiceClient, serviceClientKey, type Tenant } from '../../model/registration.ts';
import type { Snapshot } from '../../store/store.ts';

export type Param = 'domain' | 'clientId' | 'sipUri' | 'secretId' | 'kid' | 'conversationId' | 'ack';

export function param(request: FastifyRequest, key: Param): string {
  const value = (request.params as Record<string, string>)[key] ?? '';
  return key === 'domain' ? value.toLowerCase() : value;
}

/** A sip uri of the tenant's own domain. @throws RequestRefusedError 400 */
export function ownUri(request: FastifyRequest): string {
  const uri = param(request, 'sipUri');
  if (!isSipUri(uri) || sipDomain(uri) !== param(request, 'domain'))
    throw invalidParameters({ sipUri: 'not a SIP URI of this tenant' });
  return uri;
}

/** @throws RequestRefusedError 404 */
export function tenantOf(snapshot: Pick<Snapshot, 'get'>, request: FastifyRequest): Tenant {
  return snapshot.get('tenant', param(request, 'domain')) ?? notFound('tenant');
}

/** @throws RequestRefusedError 404 */
export function applicationOf(snapshot: Pick<Snapshot, 'get'>, request: FastifyRequest): ServiceClient {
  const key = serviceClientKey(tenantOf(snapshot, request).id, param(request, 'clientId'));
  return snapshot.get('serviceClient', key) ?? notFound('application');
}

/** Whether the operator takes what a removal does to what is going on. */
export function isForced(request: FastifyRequest): boolean {
  const value = queryValue(request, 'force');
  return value !== undefined && value.toLowerCase() !== 'false';
}

/**
 * Members for what a PUT has left out: those that are stored, or the defaults of something new.
 * @throws RequestRefusedError 400 that names the members which have neither
 */
export function completed<T extends object, R extends keyof T & string>(
  given: { readonly [K in keyof T]?: T[K] | undefined },
  known: Partial<T> | undefined,
  defaults: Omit<T, R>,
  required: readonly R[],
): T {
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const complete: Partial<T> = { ...(defaults as Partial<T>), ...known, ...(named as Partial<T>) };
  const missing = required.filter((name) => complete[name] === undefined);
  if (missing.length > 0) throw invalidParameters(Object.fromEntries(missing.map((name) => [name, 'missing'])));
  return complete as T;
}

export function refuse(parameter: string): never {
  throw invalidParameters({ [parameter]: 'invalid' });
}

export function notFound(what: string): never {
  throw new RequestRefusedError(404, { message: `There is no such ${what}` });
}

export function conflict(message: string): never {
  throw new RequestRefusedError(409, { message });
}

/** Milliseconds since 1970 as operators read them. */
export const isoDate = (at: number): string => new Date(at).toISOString();
