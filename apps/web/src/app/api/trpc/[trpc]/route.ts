import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { signedInPerson } from '../../../../auth/session.ts';
import { getServiceApp } from '../../../../serviceApp/wiring.ts';
import type { Context } from '../../../../trpc/context.ts';
import { bindRecords } from '../../../../trpc/records.ts';
import { appRouter } from '../../../../trpc/root.ts';
import { isSameOrigin } from '../../../../trpc/sameOrigin.ts';

async function createContext({ req }: { req: Request }): Promise<Context> {
  const service = getServiceApp();
  return {
    person: await signedInPerson(),
    sameOrigin: isSameOrigin(req.headers),
    webUrl: service.webUrl,
    now: () => new Date(),
    records: bindRecords(service.db),
    service,
  };
}

function handle(req: Request): Promise<Response> {
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req,
    router: appRouter,
    createContext,
    // Transcripts are for this person, now: no cache may keep one.
    responseMeta: () => ({ headers: new Headers({ 'Cache-Control': 'no-store' }) }),
  });
}

export { handle as GET, handle as POST };
