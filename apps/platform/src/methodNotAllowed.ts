/** 404 for what does not exist, 405 with Allow for what exists under another verb (reference/errors.md 3). */
import type { FastifyInstance } from 'fastify';
import { RequestRefusedError } from './errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route only says 405: its method is not one of the path's. */
    isRefused?: boolean;
  }
}

/** Must be called before the routes are registered: it listens to their registration. */
export function registerMethodNotAllowed(app: FastifyInstance): void {
  const methodsByPath = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.isRefused) return;
    const known = methodsByPath.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    methodsByPath.set(url, known);
    for (const one of [method].flat()) known.methods.add(one);
  });
  app.setNotFoundHandler(async (request) => {
    const path = request.url.split('?')[0] ?? '';
    const allowed = new Set<string>();
    for (const { pattern, methods } of methodsByPath.values()) {
      if (pattern.test(path)) for (const method of methods) allowed.add(method);
    }
    const isOther = [...allowed].some((method) => method !== 'OPTIONS');
    if (!isOther) throw new RequestRefusedError(404, { message: 'There is nothing at this address' });
    throw methodNotAllowed([...allowed]);
  });
}

/** Keeps a GET of an action from being taken for a GET of the resource that a parameter in its place would name. */
export function refuseGet(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  app.get(url, { config: { isRefused: true } }, async () => {
    throw methodNotAllowed(allowed);
  });
}

function methodNotAllowed(allowed: readonly string[]): RequestRefusedError {
  const headers = { Allow: allowed.toSorted().join(', ') };
  return new RequestRefusedError(405, { message: 'This method is not allowed here', headers });
}

/** `/a/:id/b` and `/a/*` as an expression, case aside. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => {
      if (segment === '*') return '.*';
      return segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}/?$`, 'i');
}
