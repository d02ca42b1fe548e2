/** Versions of resources: the `etag` member, the ETag header, and conditional requests (reference/ucwa-api.md 0 "caching"). */
import { createHash } from 'node:crypto';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A decimal number that changes whenever anything in the resource does. */
export function etagOf(resource: Resource): string {
  return String(createHash('sha256').update(JSON.stringify(resource)).digest().readUInt32BE());
}

/** The version behind a header, which may be quoted or not, or undefined. */
export const unquoted = (header: string | undefined): string | undefined => header?.trim().replace(/^"|"$/g, '');

/**
 * Answers a GET with its version in the header; 304 without a body when the caller has that version already.
 * @param resource has an `etag`
 */
export function sendVersioned(request: FastifyRequest, reply: FastifyReply, resource: Resource): FastifyReply {
  reply.header('ETag', `"${resource.etag ?? ''}"`);
  const known = request.method === 'GET' ? (request.headers['if-none-match']?.split(',') ?? []) : [];
  const hasIt = known.some((one) => unquoted(one) === resource.etag || one.trim() === '*');
  return hasIt ? reply.code(304).send() : reply.send(resource);
}
