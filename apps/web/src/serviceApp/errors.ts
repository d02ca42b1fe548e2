import type { ErrorBody, ErrorStatus } from '@repo/ucwa-protocol/errorCodes';
import { errorCodes } from '@repo/ucwa-protocol/errorCodes';

/** A request to the service application that is refused, with the answer of reference/errors.md 1 in it. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly status: ErrorStatus | 401;
  readonly code: string;
  readonly retryable: boolean;
  readonly body: ErrorBody;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    status: ErrorStatus | 401,
    message: string,
    details: {
      readonly subcode?: string;
      readonly parameters?: Readonly<Record<string, string>>;
      readonly retryAfter?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.status = status;
    this.code = status === 401 ? 'Unauthorized' : errorCodes[status];
    this.retryable = status === 503;
    this.retryAfter = details.retryAfter;
    this.body = {
      code: this.code,
      ...(details.subcode === undefined ? {} : { subcode: details.subcode }),
      message,
      ...(details.parameters === undefined ? {} : { parameters: details.parameters }),
    };
  }
}

/**
 * Whether an error refuses a request. By name, not by class: Next bundles instrumentation and routes apart, so one
 * process holds several copies of each class.
 */
export function isRefusal(error: unknown): error is RefusalError {
  return error instanceof Error && error.name === 'RefusalError' && 'status' in error && 'body' in error;
}

/** The platform gave no token: unreachable, or it does not know this application. Sending again may help. */
export class PlatformTokenError extends Error {
  override readonly name = 'PlatformTokenError';
  readonly code = 'PlatformToken';
  readonly retryable = true;
}

/** No such helpdesk session. */
export class SessionNotFoundError extends Error {
  override readonly name = 'SessionNotFoundError';
  readonly code = 'SessionNotFound';
  readonly retryable = false;
}
