import { isRefusal, RefusalError } from '../../serviceApp/errors.ts';
import { reportFailure } from '../../serviceApp/wiring.ts';

/** The answer to a refused request (reference/errors.md 1). Anything unforeseen is a 500 that tells nothing. */
export function refusal(error: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  if (isRefusal(error)) {
    return Response.json(error.body, {
      status: error.status,
      headers: {
        ...headers,
        'Cache-Control': 'no-store',
        ...(error.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
        ...(error.retryAfter === undefined ? {} : { 'Retry-After': String(error.retryAfter) }),
      },
    });
  }
  reportFailure(error);
  return refusal(new RefusalError(500, 'something went wrong'), headers);
}
