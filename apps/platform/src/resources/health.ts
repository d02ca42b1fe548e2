/** For whoever runs this server: alive, and able to answer. */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';

export function registerHealth(app: FastifyInstance, deps: Deps): void {
  app.get('/healthz', { logLevel: 'warn' }, async () => ({ status: 'ok' }));
  app.get('/readyz', { logLevel: 'warn' }, async () => {
    await deps.store.read((snapshot) => snapshot.timersDue(0, 1));
    return { status: 'ready' };
  });
}
