/** Which bodies are understood (reference/service-api.md 0 and 16, client-expectations S23, U12). A missing one is undefined. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { decodeText, parseJson } from './deserialize.ts';
import { RequestRefusedError } from './errors.ts';
import { parseRelatedParts } from './multipart.ts';

const jsonTypes = ['application/json', 'application/vnd.microsoft.com.ucwa+json'];

/** Replaces the framework's own parsers; every body is bounded by the app's limit. */
export function registerBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(jsonTypes, { parseAs: 'string' }, async (_request: FastifyRequest, body: string) =>
    parseJson(body),
  );
  app.addContentTypeParser(
    ['text/plain', 'text/html'],
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => (body.length === 0 ? undefined : decodeText(body)),
  );
  app.addContentTypeParser('multipart/related', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    parseRelatedParts(request.headers['content-type'] ?? '', body),
  );
  app.addContentTypeParser(
    'multipart/batching',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, body: Buffer) => body,
  );
  // No Content-Type at all, an empty one, or one that is not understood.
  app.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, body: string) => {
    if (body === '') return undefined;
    if (!request.headers['content-type']) return parseJson(body);
    throw new RequestRefusedError(415, { message: 'The media type of the body is not supported' });
  });
}
