/**
 * Everything that can go wrong on the way to a server, told apart once, at the edge (request.ts): `retryable` says
 * whether the same request may succeed later. No message holds a query string: the discover href carries the token.
 */
import type { Resource } from '@repo/ucwa-protocol/hal';

export type ConnectionErrorCode = 'Network' | 'Timeout' | 'Aborted' | 'ServerError' | 'MalformedAnswer';

export interface ErrorDetails {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** No answer of the API was had: network, time-out, a 5xx, or a refusal by something that is not the API. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code: ConnectionErrorCode;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** False only when the caller itself gave up (`Aborted`). */
  readonly retryable: boolean;

  constructor(code: ConnectionErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.retryable = code !== 'Aborted';
  }
}

export interface UcwaErrorDetails extends ErrorDetails {
  readonly status: number;
  readonly code: string;
  readonly subcode?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** The API answered and refused (reference/errors.md 1). Trying again helps with 429 and 503 only. */
export class UcwaError extends Error {
  override readonly name = 'UcwaError';
  readonly status: number;
  readonly code: string;
  readonly subcode: string | undefined;
  readonly parameters: Readonly<Record<string, string>> | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean;

  constructor(message: string, details: UcwaErrorDetails) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.subcode = details.subcode;
    this.parameters = details.parameters;
    this.retryAfterMs = details.retryAfterMs;
    this.retryable = details.status === 429 || details.status === 503;
  }
}

/** The capability is not there now: the last representation of the resource has no such link. */
export class LinkNotAvailableError extends Error {
  override readonly name = 'LinkNotAvailableError';
  readonly code = 'LinkNotAvailable';
  readonly retryable = false;
  readonly rel: string;
  /** The resource that lacks the link, without its query. */
  readonly href: string | undefined;
  readonly etag: string | undefined;

  constructor(rel: string, resource: Resource) {
    const self = resource._links?.self;
    const href = (self && 'href' in self ? self.href : undefined)?.split('?')[0];
    super(`${resource.rel ?? 'resource'} ${href ?? ''} has no link ${rel}`);
    this.rel = rel;
    this.href = href;
    this.etag = resource.etag;
  }
}

/** True when the API says that the resource does not exist (any more): for ending things that is success. */
export function isGone(error: unknown): boolean {
  return error instanceof UcwaError && (error.status === 404 || error.status === 410);
}

/** Whether the same request may succeed later. Anything that is no failure of a request may not. */
export function isRetryable(error: unknown): boolean {
  return (error instanceof ConnectionError || error instanceof UcwaError) && error.retryable;
}

/** How long the server asked to be left alone, in milliseconds. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof ConnectionError || error instanceof UcwaError ? error.retryAfterMs : undefined;
}
