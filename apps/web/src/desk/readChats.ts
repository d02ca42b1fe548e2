/** Reads what is going on from the platform, after a sign-in or when the event channel lost its place. */
import type { AgentClient } from '@repo/ucwa-client/agentClient';
import { links } from '@repo/ucwa-client/resource';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { DeskCore } from './deskCore.ts';

/**
 * Reads conversations with their parts, and the invitations that rang; chats that are no longer there are ended.
 * To be done before the channel starts (or goes on), so that its events always are the newer word.
 */
export async function readChats(
  core: DeskCore,
  client: AgentClient,
  application: Resource,
  ringing: readonly string[],
): Promise<void> {
  for (const href of ringing) {
    const invitation = await client.getIfThere(href);
    if (invitation) core.dispatch({ type: 'invitationRead', href, invitation, now: core.clock.now() });
    else core.dispatch({ type: 'invitationGone', href });
  }
  const found = new Set<string>();
  for (const conversation of await client.conversations(application)) {
    const href = links(conversation, 'self')[0]?.href;
    if (href === undefined) continue;
    found.add(href);
    core.dispatch({ type: 'conversationRead', conversation, now: core.clock.now() });
    await readParts(core, client, conversation, href);
  }
  for (const href of Object.keys(core.getState().chats)) {
    if (!found.has(href)) core.dispatch({ type: 'conversationGone', href });
  }
  core.dispatch({ type: 'chatsRead' });
}

async function readParts(core: DeskCore, client: AgentClient, conversation: Resource, conversationHref: string) {
  const onlineMeeting = await linked(client, conversation, 'onlineMeeting');
  if (onlineMeeting) core.dispatch({ type: 'onlineMeetingRead', conversationHref, onlineMeeting });
  const participants = await linked(client, conversation, 'participants');
  for (const { href } of participants ? links(participants, 'participant') : []) {
    const participant = await client.getIfThere(href);
    if (participant) core.dispatch({ type: 'participantRead', conversationHref, participant });
  }
  const messaging = await linked(client, conversation, 'messaging');
  if (messaging) core.dispatch({ type: 'messagingRead', conversationHref, messaging });
}

async function linked(client: AgentClient, resource: Resource, rel: string): Promise<Resource | undefined> {
  const link = links(resource, rel)[0];
  return link && client.getIfThere(link.href);
}
