/** messaging, its end, and typing (reference/service-api.md 12, reference/ucwa-api.md 7). */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { messagingResource, typingParticipantsResource } from '../hal/messaging.ts';
import { ownedConversation } from '../model/conversation.ts';
import { stopMessaging } from '../model/messaging.ts';
import { setTyping } from '../model/typing.ts';
import { allFamilies, done, param } from './callers.ts';

export function registerMessaging(app: FastifyInstance, deps: Deps): void {
  for (const { communication, options, callerOf } of allFamilies(deps)) {
    const path = `${communication}/conversations/:conversationId/messaging`;

    app.get(path, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) =>
        messagingResource(snapshot, face, ownedConversation(snapshot, owner, param(request, 'conversationId'))),
      );
    });

    app.post(`${path}/terminate`, options, async (request, reply) => {
      const { owner } = await callerOf(request);
      await deps.act(request, (world) => {
        stopMessaging(world, owner, param(request, 'conversationId'));
        return null;
      });
      return done(reply);
    });

    app.post(`${path}/typing`, options, async (request, reply) => {
      const { owner } = await callerOf(request);
      await deps.act(request, (world) => {
        setTyping(world, owner, param(request, 'conversationId'));
        return null;
      });
      return done(reply);
    });

    app.get(`${path}/typingParticipants`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) =>
        typingParticipantsResource(
          snapshot,
          face,
          ownedConversation(snapshot, owner, param(request, 'conversationId')),
        ),
      );
    });
  }
}
