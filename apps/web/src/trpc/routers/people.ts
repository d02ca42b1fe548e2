/** The people who sign in. Their password hashes stay in packages/db. */
import { guardedProcedure, router } from '../trpc.ts';

export const people = router({
  list: guardedProcedure.query(async ({ ctx }) => {
    const found = await ctx.records.listPeople();
    return found.map(({ id, name, email, sipUri, role, capacity }) => ({ id, name, email, sipUri, role, capacity }));
  }),
});
