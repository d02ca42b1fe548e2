/** What the desk needs of the web app; the page provides it over tRPC. */
import type { RecordedSession } from './deskAction.ts';
import type { Availability } from './deskState.ts';

export interface DeskConnection {
  readonly rootHref: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly sipUri: string;
  readonly name: string;
}

/**
 * `code`: `signedOut` when the session is over, `refused` when asking again gives the same answer, else `unreachable`.
 */
export class DeskServiceError extends Error {
  override readonly name = 'DeskServiceError';
  readonly code: 'unreachable' | 'refused' | 'signedOut';
  readonly retryable: boolean;

  constructor(code: DeskServiceError['code'], cause: unknown) {
    super(`The web app did not answer: ${code}`, { cause });
    this.code = code;
    this.retryable = code === 'unreachable';
  }
}

/** Every function throws DeskServiceError. */
export interface DeskService {
  connection(): Promise<DeskConnection>;
  sessionByMeeting(onlineMeetingUri: string): Promise<RecordedSession>;
  heartbeat(status: Availability | 'offline'): Promise<void>;
  endSession(sessionId: string): Promise<void>;
}
