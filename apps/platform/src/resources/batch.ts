/**
 * batch: several requests of one client in one (reference/ucwa-api.md 10). The parts run one after another as requests of their
 * own, with the authorization, the origin and the address of the whole; what they cause is delivered after the whole has been answered.
 */
import querystring from 'node:querystring';
import type { FastifyInstance, FastifyRequest, InjectOptions } from 'fastify';
import { type BatchedAnswer, type BatchedRequest, parseBatch, writeBatch } from '../batching.ts';
import { type Deps, ucwaPrincipal } from '../deps.ts';
import { errorBody, RequestRefusedError } from '../errors.ts';
import { callerKey } from '../model/principal.ts';
import { channelIdsOf } from '../model/tabs.ts';
import { registerUcwa, ucwaCaller } from './callers.ts';

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;
/** Would hold up the others, or nest. */
const excluded = /\/(batch|events|photo)\/?$/i;
/** What a part may say for itself. */
const ownHeaders = ['accept', 'content-type', 'if-match', 'if-none-match', 'x-ms-requiresminresourceversion'];
/** What belongs to the connection or to the whole answer. */
const hiddenHeaders = /^(access-control-.*|connection|content-length|date|keep-alive|transfer-encoding|vary)$/;

export function registerBatch(app: FastifyInstance, deps: Deps): void {
  const outstanding = new Map<string, number>();

  registerUcwa(app, deps, 'POST', '/:id/batch', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    if (!Buffer.isBuffer(request.body)) throw new RequestRefusedError(415);
    const parts = parseBatch(request.headers['content-type'] ?? '', request.body);
    const caller = callerKey(ucwaPrincipal(request));
    const others = outstanding.get(caller) ?? 0;
    if (others + parts.length > deps.operations.limits.batchRequests) {
      throw new RequestRefusedError(429, {
        message: 'Too many requests are under way',
        headers: { 'Retry-After': '1' },
      });
    }
    outstanding.set(caller, others + parts.length);
    const hold = deps.wakes.hold();
    for (const channelId of channelIdsOf(application)) hold.touch(channelId, 1);
    hold.releaseLater();
    request.afterAnswer = [...(request.afterAnswer ?? []), hold.release];
    try {
      const answers: BatchedAnswer[] = [];
      const from = originOf(request);
      for (const part of parts) answers.push(await run(app, request, from, part));
      const boundary = deps.newId();
      reply.type(`multipart/batching; boundary="${boundary}"`);
      return writeBatch(boundary, answers);
    } finally {
      const left = (outstanding.get(caller) ?? 0) - parts.length;
      if (left > 0) outstanding.set(caller, left);
      else outstanding.delete(caller);
    }
  });
}

/** What a part takes over: who asks, for which page, and from where. A connection that is gone is nobody's, not this machine's. */
function originOf({ headers, socket }: FastifyRequest): InjectOptions {
  const names = ['authorization', 'origin', 'x-ms-origin', 'x-forwarded-for'] as const;
  const inherited = names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
  return { remoteAddress: socket.remoteAddress ?? '0.0.0.0', headers: Object.fromEntries(inherited) };
}

async function run(
  app: FastifyInstance,
  whole: FastifyRequest,
  { headers: inherited, ...from }: InjectOptions,
  part: BatchedRequest,
): Promise<BatchedAnswer> {
  const base = `http://part.invalid${whole.url}`;
  const method = methods.find((one) => one === part.method);
  if (method === undefined || !URL.canParse(part.target, base)) return refused('The part is no request');
  const { pathname, search } = new URL(part.target, base);
  if (!/^\/ucwa\//i.test(pathname) || excluded.test(querystring.unescape(pathname)))
    return refused('This cannot be part of a batch');
  const answer = await app.inject({
    ...from,
    method,
    url: `${pathname}${search}`,
    headers: {
      ...Object.fromEntries(Object.entries(part.headers).filter(([name]) => ownHeaders.includes(name))),
      ...inherited,
    },
    ...(part.body === undefined ? {} : { payload: part.body }),
  });
  const headers = Object.entries(answer.headers)
    .filter(([name]) => !hiddenHeaders.test(name))
    .map(([name, value]) => [name, String(value)]);
  return { status: answer.statusCode, headers: Object.fromEntries(headers), body: answer.body };
}

function refused(message: string): BatchedAnswer {
  const body = JSON.stringify(errorBody(new RequestRefusedError(400, { message })));
  return { status: 400, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
}
