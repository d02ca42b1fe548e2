import { follow } from '@repo/ucwa-client/follow';
import type { Send } from '@repo/ucwa-client/request';
import { embedded } from '@repo/ucwa-client/resource';
import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { limits } from '@repo/ucwa-protocol/limits';
import type { StartMessagingInput } from '@repo/ucwa-protocol/operations';

/** The page on which the visitor asks for help. */
export interface Page {
  readonly href: string;
  readonly title: string;
  readonly locale: string;
}

export interface InvitationInput {
  readonly operationId: string;
  readonly threadId: string;
  readonly helpdeskUri: string;
  readonly firstWords: string;
  readonly page: Page;
}

/**
 * Rings the helpdesk (reference/call-flow.md step 6). The first message itself is not in it: it goes through the outbox
 * once messaging is connected, so that it is in the transcript exactly once.
 * @returns the absolute address of the invitation, if the platform named it
 */
export async function sendMessagingInvitation(
  send: Send,
  application: Resource,
  input: InvitationInput,
): Promise<string | undefined> {
  const { href, title, locale } = input.page;
  const about = JSON.stringify({ page: href, title, locale });
  const body: StartMessagingInput = {
    operationId: input.operationId,
    threadId: input.threadId,
    to: input.helpdeskUri,
    subject: [...input.firstWords].slice(0, limits.subject).join('').slice(0, limits.subject),
    importance: 'Normal',
    _links: { customContent: { href: toDataUri('application/json;charset=utf-8', about) } },
  };
  const communication = embedded(application, 'communication') ?? application;
  const { location } = await follow(send, communication, 'startMessaging', { method: 'POST', body });
  return location;
}
