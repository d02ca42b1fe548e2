/** Versions of UCWA resources, which a client may insist on (reference/ucwa-api.md 0 "versions"). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestRefusedError } from './errors.ts';

/** Resources that are served in a later version than the first; the `revision` of their links says the same. */
const servedVersions: readonly { readonly path: RegExp; readonly version: number }[] = [
  // startMessaging
  { path: /\/communication\/messagingInvitations\/?$/i, version: 2 },
];
const firstVersion = 1;
/** Of the API as a whole, for clients to log (reference/auth.md 5). */
const apiVersion = '2.0';

/** Names the version in the answer. @throws RequestRefusedError 404 APIVersionNotSupported when a later one than is served is needed */
export function requireServedVersion(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('X-MS-UcwaVersion', apiVersion);
  const wanted = request.headers['x-ms-requiresminresourceversion'];
  if (wanted === undefined) return;
  const path = request.url.split('?')[0] ?? '';
  const served = servedVersions.find((one) => one.path.test(path))?.version ?? firstVersion;
  if (Number(wanted) > served) {
    throw new RequestRefusedError(404, {
      subcode: 'APIVersionNotSupported',
      message: `This resource is served in version ${served}`,
    });
  }
}
