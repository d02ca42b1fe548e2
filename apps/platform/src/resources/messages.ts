/** Messages: raw text in, 201 with the address of the message out (reference/service-api.md 13, reference/ucwa-api.md 7). */
import { limits } from '@repo/ucwa-protocol/limits';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import { href } from '../hal/href.ts';
import { messageResource } from '../hal/messaging.ts';
import { isBrokenText, queryValue } from '../input.ts';
import { ownedConversation } from '../model/conversation.ts';
import { type MessageContent, messageOf, sendMessage } from '../model/message.ts';
import { RefusalError, refuseParameter } from '../model/refusal.ts';
import { allFamilies, param, started } from './callers.ts';

export function registerMessages(app: FastifyInstance, deps: Deps): void {
  for (const { communication, options, callerOf } of allFamilies(deps)) {
    const path = `${communication}/conversations/:conversationId/messaging/messages`;

    app.post(path, options, async (request, reply) => {
      const { owner, face } = await callerOf(request);
      const conversationId = param(request, 'conversationId');
      const content = contentOf(request);
      const operationId = queryValue(request, 'operationId') ?? queryValue(request, 'operationContext');
      if (operationId !== undefined && operationId.length > limits.operationId)
        refuseParameter('operationId', 'too long');
      const { number } = await deps.act(request, (world) =>
        sendMessage(world, owner, conversationId, content, operationId || undefined),
      );
      return started(reply, href.message(face, conversationId, number));
    });

    app.get(`${path}/:number`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const conversation = ownedConversation(snapshot, owner, param(request, 'conversationId'));
        const message = messageOf(snapshot, conversation, Number(param(request, 'number')));
        return messageResource(snapshot, face, conversation, message);
      });
    });
  }
}

/** @throws RefusalError 415 for other media types, 400 without a text or with NUL in it, 413 beyond 64 KiB */
function contentOf(request: FastifyRequest): MessageContent {
  const mediaType = (request.headers['content-type'] ?? 'text/plain').split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'text/plain' && mediaType !== 'text/html') throw new RefusalError(415);
  const text = request.body;
  if (typeof text !== 'string' || text === '') refuseParameter('message', 'missing');
  if (isBrokenText(text)) refuseParameter('message', 'invalid');
  if (Buffer.byteLength(text) > limits.messageBytes) throw new RefusalError(413);
  return { contentType: mediaType, text };
}
