/**
 * The hidden frame of old agents' clients (reference/auth.md 4): a page of this server that sends requests for the page around it,
 * which asks by postMessage. It serves one origin, the one that embeds it, and only when an administrator has listed that.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isListed, normalizeOrigin, originsOfAllTenants } from '../auth/cors.ts';
import type { Deps } from '../deps.ts';
import { RequestRefusedError } from '../errors.ts';
import { xframePath } from './user.ts';
import { xframeScript } from './xframeScript.ts';

const scriptHash = createHash('sha256').update(xframeScript).digest('base64');

export function registerXframe(app: FastifyInstance, deps: Deps): void {
  app.get(xframePath, async (request, reply) => {
    const origin = embedderOf(request);
    if (origin === undefined || !isListed(origin, await originsOfAllTenants(deps.store, 'xframeOrigins'))) {
      throw new RequestRefusedError(403, { message: 'Pages of this origin may not use the frame' });
    }
    const policy = [
      "default-src 'none'",
      `script-src 'sha256-${scriptHash}'`,
      "connect-src 'self'",
      `frame-ancestors ${origin}`,
      "base-uri 'none'",
      "form-action 'none'",
    ];
    reply
      .header('Content-Security-Policy', policy.join('; '))
      .header('Cache-Control', 'no-store')
      .header('Referrer-Policy', 'same-origin')
      .header('X-Content-Type-Options', 'nosniff')
      .type('text/html; charset=utf-8');
    return page(origin);
  });
}

/** The origin of the page around the frame, as the browser names it when it loads the frame. */
function embedderOf({ headers }: FastifyRequest): string | undefined {
  return headers.referer === undefined ? undefined : normalizeOrigin(headers.referer);
}

/** @param origin normalized, so it has no character that HTML knows */
const page = (origin: string): string =>
  `<!doctype html><html lang="en" data-origin="${origin}"><head><meta charset="utf-8"><title>frame</title></head><body><script>${xframeScript}</script></body></html>`;
