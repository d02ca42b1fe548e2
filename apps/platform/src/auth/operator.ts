/** Who may use /management: the holder of the operator token. */
import type { FastifyRequest } from 'fastify';
import { bearerToken, UnauthorizedError } from './bearer.ts';
import { isSameText } from './clientSecret.ts';

/** Hook of every `/management` route, before anything of the request is read. */
export function authenticateOperator(operatorToken: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined || !isSameText(token, operatorToken)) {
      throw new UnauthorizedError({ 'WWW-Authenticate': 'Bearer realm="management"' });
    }
  };
}
