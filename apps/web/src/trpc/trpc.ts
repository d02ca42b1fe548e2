/** The only way to make a procedure here: signed in, allowed by permissions.ts, and no change from another origin. */
import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import type { Context } from './context.ts';
import { mayCall } from './permissions.ts';

const t = initTRPC.context<Context>().create({ transformer: superjson });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/**
 * A procedure for signed-in people whose role is allowed at its path; all others are refused.
 * @throws TRPCError UNAUTHORIZED without a sign-in, FORBIDDEN for another role or a change from another origin.
 */
export const guardedProcedure = t.procedure.use(({ ctx, path, type, next }) => {
  if (type === 'mutation' && !ctx.sameOrigin) {
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Changes are accepted from our own pages only.' });
  }
  if (!ctx.person) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Please sign in.' });
  if (!mayCall(ctx.person.role, path)) {
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Your role does not allow this.' });
  }
  return next({ ctx: { person: ctx.person } });
});
