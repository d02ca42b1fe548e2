import { desk } from './routers/desk.ts';
import { helpdeskSessions } from './routers/helpdeskSessions.ts';
import { helpdesks } from './routers/helpdesks.ts';
import { people } from './routers/people.ts';
import { transcripts } from './routers/transcripts.ts';
import { createCallerFactory, router } from './trpc.ts';

export const appRouter = router({ desk, helpdeskSessions, helpdesks, people, transcripts });
export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
