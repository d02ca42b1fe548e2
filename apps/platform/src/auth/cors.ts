/** Origins and CORS (reference/auth.md 4). A route says whom it allows; one hook writes the headers, on errors too. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { diagnostics, RequestRefusedError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { TwoGenerations } from '../twoGenerations.ts';

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
  const known = normalized.get(text);
  if (known !== undefined) return known;
  const origin = parseOrigin(text);
  if (origin !== undefined && text.length <= maxOriginLength) normalized.set(text, origin);
  return origin;
}

/** The same few origins come with every request. */
const normalized = new TwoGenerations<string>(1_000);
const maxOriginLength = 300;

function parseOrigin(text: string): string | undefined {
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

/** Whose pages may send a request. */
export interface OriginRule {
  readonly allowed: readonly string[];
  /** Those whose pages may send it through the hidden frame. */
  readonly framed: readonly string[];
}

/**
 * Lets the sender's origin read the answer when it is in the list; a request without Origin is no browser's and passes. One of
 * the hidden frame comes from this server itself and names the page in X-Ms-Origin, to which the rule is applied then.
 * @throws RequestRefusedError 403 with X-Ms-diagnostics, readable by nobody's script
 */
export function requireOrigin(request: FastifyRequest, publicUrl: string, { allowed, framed }: OriginRule): void {
  const origin = request.headers.origin;
  const page = request.headers['x-ms-origin'];
  if (typeof page === 'string' && (origin === undefined || isListed(origin, [publicUrl]))) {
    if (isListed(page, framed)) return;
  } else if (origin === undefined) {
    return;
  } else if (isListed(origin, allowed)) {
    request.allowedOrigin = origin;
    return;
  }
  request.allowedOrigin = undefined;
  const reason = 'Cross-domain requests from this origin are not allowed';
  throw new RequestRefusedError(403, {
    message: reason,
    headers: { 'X-Ms-diagnostics': diagnostics(request.hostname, reason) },
  });
}

/** As requireOrigin, without a refusal: for answers that are made before anybody is known. */
export function allowOriginIfListed(request: FastifyRequest, allowed: readonly string[]): void {
  const origin = request.headers.origin;
  if (origin !== undefined && isListed(origin, allowed)) request.allowedOrigin = origin;
}

export function isListed(origin: string, list: readonly string[]): boolean {
  const normalized = normalizeOrigin(origin);
  return normalized !== undefined && list.some((entry) => normalizeOrigin(entry) === normalized);
}

/** Origins of the agents' pages of all tenants, or of those that a tenant has listed for something else. */
export async function originsOfAllTenants(
  store: Store,
  list: 'allowedOrigins' | 'xframeOrigins' | 'anonymousMeetingOrigins' = 'allowedOrigins',
): Promise<string[]> {
  return store.read((snapshot) =>
    snapshot.ids('tenant').flatMap((id) => [...(snapshot.get('tenant', id)?.[list] ?? [])]),
  );
}

/** Origins of the application that a path names, undefined when it names none that is known. */
function originsOfApplication(store: Store, url: string): Promise<readonly string[] | undefined> {
  const id = /^\/ucwa\/psanon\/v1\/applications\/(\d{1,20})(?=[/?]|$)/i.exec(url)?.[1];
  if (id === undefined) return Promise.resolve(undefined);
  return store.read((snapshot) => snapshot.get('ucwaApplication', id)?.allowedOrigins);
}

/** Before anybody is known: pages of agents, and those that may join a meeting by its key. */
export async function allowPagesOfTenants(request: FastifyRequest, store: Store): Promise<void> {
  allowOriginIfListed(request, await originsOfAllTenants(store));
  allowOriginIfListed(request, await originsOfAllTenants(store, 'anonymousMeetingOrigins'));
}

/** Preflights and the one hook that writes the headers. */
export function registerCors(app: FastifyInstance, deps: { readonly store: Store }): void {
  app.decorateRequest('allowedOrigin', undefined);
  app.addHook('onSend', (request, reply, payload, done) => {
    if (isCrossDomain(request.url)) reply.header('Vary', 'Origin');
    if (request.allowedOrigin !== undefined) {
      reply.header('Access-Control-Allow-Origin', request.allowedOrigin);
      reply.header('Access-Control-Expose-Headers', exposeHeaders);
    }
    done(null, payload);
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
  // A visitor's preflight carries no token. An application in the path knows its origins; elsewhere any origin is echoed, for the
  // request itself is checked.
  for (const path of ['/platformservice/discover', '/ucwa/psanon/*']) {
    app.options(path, async (request, reply) => {
      const origins = await originsOfApplication(deps.store, request.url);
      if (origins === undefined) request.allowedOrigin = request.headers.origin;
      else allowOriginIfListed(request, origins);
      return preflight(request, reply);
    });
  }
  for (const path of ['/ucwa/oauth/*', '/autodiscover/*', '/oauth2/token', '/oauth2/:tenant/token']) {
    app.options(path, async (request, reply) => {
      await allowPagesOfTenants(request, deps.store);
      return preflight(request, reply);
    });
  }
}

function isCrossDomain(url: string): boolean {
  return /^\/(ucwa|autodiscover|oauth2|platformservice\/discover)/i.test(url);
}
