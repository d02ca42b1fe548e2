import { type TRPCClient, TRPCClientError } from '@trpc/client';
import { type DeskService, DeskServiceError } from '../../desk/deskService.ts';
import type { AppRouter } from '../../trpc/root.ts';

const refusals = ['FORBIDDEN', 'NOT_FOUND', 'BAD_REQUEST', 'CONFLICT', 'PRECONDITION_FAILED'];

/** The web app as the desk sees it, over tRPC. */
export function trpcDeskService(client: TRPCClient<AppRouter>): DeskService {
  return {
    connection: () => classified(client.desk.connection.query()),
    sessionByMeeting: (onlineMeetingUri) => classified(client.desk.sessionByMeeting.query({ onlineMeetingUri })),
    heartbeat: async (status) => {
      await classified(client.desk.heartbeat.mutate({ status }));
    },
    endSession: (sessionId) => classified(client.desk.endSession.mutate({ sessionId })),
  };
}

/** Tells once, here, whether asking again may help. */
async function classified<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    const data: unknown = cause instanceof TRPCClientError ? cause.data : undefined;
    const code = typeof data === 'object' && data !== null && 'code' in data ? String(data.code) : '';
    if (code === 'UNAUTHORIZED') throw new DeskServiceError('signedOut', cause);
    throw new DeskServiceError(refusals.includes(code) ? 'refused' : 'unreachable', cause);
  }
}
