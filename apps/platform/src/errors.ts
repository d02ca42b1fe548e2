/** Refusals of this server and their bodies (reference/errors.md). */
import { type ErrorBody, type ErrorStatus, type ErrorSubcode, errorCodes } from '@repo/ucwa-protocol/errorCodes';

export interface RefusalDetails {
  readonly subcode?: ErrorSubcode;
  readonly message?: string;
  /** Only with 400: the offending or missing inputs. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** A request that is refused. `message` is meant for the caller, so it never holds secrets or message texts. */
export class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';
  readonly status: ErrorStatus;
  readonly code: string;
  readonly subcode: ErrorSubcode | undefined;
  readonly parameters: Readonly<Record<string, string>> | undefined;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly retryable: boolean;

  constructor(status: ErrorStatus, details: RefusalDetails = {}, cause?: unknown) {
    super(details.message ?? errorCodes[status], { cause });
    this.status = status;
    this.code = errorCodes[status];
    this.subcode = details.subcode;
    this.parameters = details.parameters;
    this.headers = details.headers ?? {};
    this.retryable = status === 429 || status >= 500;
  }
}

/** The store cannot be reached or refuses everything: whoever keeps the connection has said so once, so nobody else has to. */
export class StoreAwayError extends RequestRefusedError {
  constructor(cause: unknown) {
    super(503, { headers: { 'Retry-After': '1' } }, cause);
  }
}

/** What the error handler can write: this class, and the model's refusals, which have the same members. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly subcode?: string | undefined;
  readonly message: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** Whether an error is meant for the caller. Anything else becomes a 500 without its message. */
export function isRefusal(error: unknown): error is Refusal {
  if (!(error instanceof Error)) return false;
  const candidate = error as Error & Partial<Record<'status' | 'code', unknown>>;
  return typeof candidate.status === 'number' && candidate.status < 600 && typeof candidate.code === 'string';
}

/** The body of reference/errors.md 1. */
export function errorBody(refusal: Refusal, errorReportId?: string): ErrorBody {
  return {
    code: refusal.code,
    ...(refusal.subcode === undefined ? {} : { subcode: refusal.subcode }),
    message: refusal.message,
    ...(refusal.parameters === undefined ? {} : { parameters: refusal.parameters }),
    ...(errorReportId === undefined ? {} : { debugInfo: { errorReportId } }),
  };
}

/** 400 ParameterValidationFailure naming the inputs, e.g. `{ to: 'missing' }`. */
export function invalidParameters(parameters: Readonly<Record<string, string>>): RequestRefusedError {
  const message = Object.entries(parameters)
    .map(([name, problem]) => `${name} is ${problem}`)
    .join(', ');
  return new RequestRefusedError(400, { subcode: 'ParameterValidationFailure', message, parameters });
}

/** X-Ms-diagnostics of reference/errors.md 1. @param reason for people to read */
export function diagnostics(host: string, reason: string): string {
  const quoted = (text: string) => `"${text.replace(/[^\x20-\x7e]|["\\;]/g, ' ')}"`;
  return `28055;source=${quoted(host)};reason=${quoted(reason)}`;
}
