/** One line in the log for each change that an operator makes. What it says is never a secret. */
import type { FastifyRequest } from 'fastify';

export type AuditAction =
  | `${'tenant' | 'application' | 'endpoint' | 'person'}.${'put' | 'delete'}`
  | `secret.${'add' | 'retire'}`
  | `signingKey.${'add' | 'delete'}`
  | 'callback.replay';

/** @param about names and values that were set, without secrets */
export function audit(request: FastifyRequest, action: AuditAction, about: Readonly<Record<string, unknown>>): void {
  const { correlationId, ip: address } = request;
  request.log.info({ audit: action, by: 'operator', address, correlationId, ...about }, 'management');
}
