/** A short, bounded name for every route, for logs, metrics and traces: which face, and which rel it stands for. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface OperationName {
  /** First segment of the path: platformservice, ucwa, oauth2, management … */
  readonly face: string;
  /** `messages` for the collection, `message` for one, `accept` for an action. */
  readonly rel: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: OperationName;
  }
}

/** What has no route: its address is not named anywhere, since it may be anything. */
export const unknownOperation: OperationName = { face: 'none', rel: 'unknown' };

/** Must be called before the routes are registered: it listens to their registration. */
export function registerOperationNames(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, operation: nameOf(route.url) };
  });
}

export function operationOf(request: FastifyRequest): OperationName {
  return request.routeOptions.config.operation ?? unknownOperation;
}

/** @param url pattern of the route, e.g. `/ucwa/psanon/v1/applications/:id/events` */
export function nameOf(url: string): OperationName {
  const segments = url.split('/').filter((segment) => segment !== '');
  const fixed = segments.filter((segment) => !segment.startsWith(':') && segment !== '*');
  const last = fixed.at(-1) ?? 'root';
  const isOne = segments.at(-1)?.startsWith(':') ?? false;
  return { face: (fixed[0] ?? 'root').toLowerCase(), rel: isOne ? singular(last) : last };
}

function singular(word: string): string {
  return word === 'people' ? 'person' : word.replace(/s$/, '');
}
