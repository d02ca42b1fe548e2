/** What this server answers to, noted while the routes are registered; tests walk it. */
import type { FastifyInstance } from 'fastify';

export interface RegisteredRoute {
  readonly method: string;
  readonly url: string;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** In the order of registration; routes that only say 405 are not among them. */
    registeredRoutes: readonly RegisteredRoute[];
  }
}

/** Must be called before the first route is registered. */
export function noteRoutes(app: FastifyInstance): void {
  const routes: RegisteredRoute[] = [];
  app.decorate('registeredRoutes', routes);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.isRefused === true) return;
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
}
