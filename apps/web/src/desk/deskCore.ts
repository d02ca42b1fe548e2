/** What the parts of the desk share: the state, the way to change it, and whom to talk to. */
import type { AgentClient } from '@repo/ucwa-client/agentClient';
import type { Clock } from '@repo/ucwa-client/clock';
import { isRetryable } from '@repo/ucwa-client/errors';
import type { DeskAction } from './deskAction.ts';
import { type DeskService, DeskServiceError } from './deskService.ts';
import type { DeskState } from './deskState.ts';

export interface DeskCore {
  readonly clock: Clock;
  readonly service: DeskService;
  getState(): DeskState;
  /** Whether the desk was started and not stopped; a stopped one begins nothing. */
  isRunning(): boolean;
  dispatch(action: DeskAction): void;
  /** Undefined until this desk has signed in to the platform. */
  client(): AgentClient | undefined;
  /** Runs work that nobody waits for; a failure that the work did not foresee is shown to the agent. */
  run(work: Promise<unknown>): void;
}

/** Whether doing the same again may help. */
export function mayRetry(error: unknown): boolean {
  return error instanceof DeskServiceError ? error.retryable : isRetryable(error);
}

/** Asks the web app for something, and remembers whether it could be reached. */
export async function askService<T>(core: DeskCore, ask: (service: DeskService) => Promise<T>): Promise<T> {
  try {
    const answer = await ask(core.service);
    core.dispatch({ type: 'web', reach: 'online' });
    return answer;
  } catch (error) {
    if (error instanceof DeskServiceError) {
      const reach = { unreachable: 'waiting', refused: 'online', signedOut: 'signedOut' } as const;
      core.dispatch({ type: 'web', reach: reach[error.code] });
    }
    throw error;
  }
}
