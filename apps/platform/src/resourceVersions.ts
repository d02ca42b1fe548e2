/** Versions of UCWA resources, which a client may insist on (reference/ucwa-api.md 0 "versions"). */
import type { FastifyRequest } from 'fastify';
import { RequestRefusedError } from './errors.ts';

/** Resources that are served in a later version than the first; the `revision` of their links says the same. */
const servedVersions: readonly { readonly path: RegExp; readonly version: number }[] = [
  // startMessaging
  { path: /\/communication\/messagingInvitations\/?$/i, version: 2 },
];
const firstVersion = 1;

/** @throws RequestRefusedError 404 APIVersionNotSupported when the caller needs a later version than is served */
export function requireServedVersion(request: FastifyRequest): void {
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
