/** Origins and CORS (reference/auth.md 4). A route says whom it allows; one hook writes the headers, on errors too. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestRefusedError } from '../errors.ts';
import type { Store } from '../store/store.ts';

const allowMethods = 'GET, POST, PUT, DELETE, OPTIONS';
const allowHeaders = [
  'Authorization',
  'Content-Type',
  'Accept',
  'If-Match',
  'If-None-Match',
  'Client-Request-Id',
  'X-Ms-Namespace',
  'X-Ms-Origin',
  'X-Ms-SDK-Instance',
  'X-MS-Correlation-Id',
  'X-MS-RequiresMinResourceVersion',
  'X-Requested-With',
].join(', ');
const exposeHeaders = [
  'Location',
  'ETag',
  'Retry-After',
  'WWW-Authenticate',
  'X-Ms-diagnostics',
  'X-MS-Correlation-Id',
  'X-MS-Server-Fqdn',
  'X-MS-UcwaVersion',
  'client-request-id',
].join(', ');

declare module 'fastify' {
  interface FastifyRequest {
    /** The Origin that may read this answer, exactly as it was sent. */
    allowedOrigin: string | undefined;
  }
}

/** `https://Shop.example:443/path/` -> `https://shop.example`; undefined when the text is no http(s) origin. */
export function normalizeOrigin(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  return new URL(trimmed).origin;
}

/** The `;`-separated list of anonApplicationTokens. @returns undefined when an entry is no origin or there is none */
export function parseOrigins(list: string): string[] | undefined {
  const entries = list.split(';').filter((entry) => entry.trim() !== '');
  const origins = entries.map(normalizeOrigin);
  if (origins.length === 0 || origins.includes(undefined)) return undefined;
  return [...new Set(origins as string[])];
}

/**
 * Lets the sender's origin read the answer when it is in the list; a request without Origin is no browser's and passes.
 * @throws RequestRefusedError 403 with X-Ms-diagnostics, readable by nobody's script
 */
export function requireOrigin(request: FastifyRequest, allowed: readonly string[]): void {
  const origin = request.headers.origin;
  if (origin === undefined) return;
  const normalized = normalizeOrigin(origin);
  if (normalized !== undefined && allowed.some((entry) => normalizeOrigin(entry) === normalized)) {
    request.allowedOrigin = origin;
    return;
  }
  request.allowedOrigin = undefined;
  const reason = 'Cross-domain requests from this origin are not allowed';
  throw new RequestRefusedError(403, {
    message: reason,
    headers: { 'X-Ms-diagnostics': `28055;source="${request.hostname}";reason="${reason}"` },
  });
}

/** As requireOrigin, without a refusal: for answers that are made before anybody is known. */
export function allowOriginIfListed(request: FastifyRequest, allowed: readonly string[]): void {
  const origin = request.headers.origin;
  const normalized = origin === undefined ? undefined : normalizeOrigin(origin);
  if (normalized !== undefined && allowed.some((entry) => normalizeOrigin(entry) === normalized)) {
    request.allowedOrigin = origin;
  }
}

/** Origins of the agents' pages of all tenants. */
export async function originsOfAllTenants(store: Store): Promise<string[]> {
  return store.read((snapshot) =>
    snapshot.ids('tenant').flatMap((id) => [...(snapshot.get('tenant', id)?.allowedOrigins ?? [])]),
  );
}

/** Preflights and the one hook that writes the headers. */
export function registerCors(app: FastifyInstance, deps: { readonly store: Store }): void {
  app.decorateRequest('allowedOrigin', undefined);
  app.addHook('onSend', async (request, reply) => {
    if (isCrossDomain(request.url)) reply.header('Vary', 'Origin');
    if (request.allowedOrigin === undefined) return;
    reply.header('Access-Control-Allow-Origin', request.allowedOrigin);
    reply.header('Access-Control-Expose-Headers', exposeHeaders);
  });
  const preflight = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (request.allowedOrigin !== undefined) {
      reply
        .header('Access-Control-Allow-Methods', allowMethods)
        .header('Access-Control-Allow-Headers', allowHeaders)
        .header('Access-Control-Max-Age', '600');
    }
    return reply.code(204).send();
  };
  // A visitor's preflight carries no token, so any origin is echoed: the request itself is checked.
  for (const path of ['/platformservice/discover', '/ucwa/psanon/*']) {
    app.options(path, (request, reply) => {
      request.allowedOrigin = request.headers.origin;
      return preflight(request, reply);
    });
  }
  for (const path of ['/ucwa/oauth/*', '/autodiscover/*']) {
    app.options(path, async (request, reply) => {
      allowOriginIfListed(request, await originsOfAllTenants(deps.store));
      return preflight(request, reply);
    });
  }
}

function isCrossDomain(url: string): boolean {
  return /^\/(ucwa|autodiscover|platformservice\/discover)/i.test(url);
}
