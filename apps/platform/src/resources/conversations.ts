/** conversations and conversation (reference/service-api.md 9, reference/ucwa-api.md 4, 6). */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { conversationResource } from '../hal/conversation.ts';
import { href } from '../hal/href.ts';
import { ownedConversation, rememberedConversation } from '../model/conversation.ts';
import { endConversation } from '../model/teardown.ts';
import { allFamilies, done, param, registerUcwa, ucwaCaller } from './callers.ts';

export function registerConversations(app: FastifyInstance, deps: Deps): void {
  registerUcwa(app, deps, 'GET', '/:id/communication/conversations', async (request) => {
    const { application, face } = await ucwaCaller(deps, request);
    return {
      _links: {
        self: { href: href.conversations(face) },
        conversation: application.conversationIds.map((id) => ({ href: href.conversation(face, id) })),
      },
      rel: 'conversations',
    };
  });

  for (const { communication, options, callerOf } of allFamilies(deps)) {
    const path = `${communication}/conversations/:conversationId`;

    app.get(path, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) =>
        conversationResource(face, ownedConversation(snapshot, owner, param(request, 'conversationId'))),
      );
    });

    // One that has ended is still remembered, and deleting it again succeeds (client-expectations S4).
    app.delete(path, options, async (request, reply) => {
      const { owner } = await callerOf(request);
      await deps.act(request, (world) => {
        endConversation(world, rememberedConversation(world, owner, param(request, 'conversationId')).id);
        return null;
      });
      return done(reply);
    });
  }
}
