import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';
import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { limits } from '@repo/ucwa-protocol/limits';
import { clip } from './clip.ts';

/** In UTF-16 units; much more than any honest address or title has. */
const maxHref = 2000;
const maxTitle = 250;

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
  client: AnonymousClient,
  application: Resource,
  input: InvitationInput,
): Promise<string | undefined> {
  const { href, title, locale } = input.page;
  const about = JSON.stringify({ page: addressOf(href), title: clip(title, maxTitle), locale });
  const { location } = await client.startMessaging(application, {
    operationId: input.operationId,
    threadId: input.threadId,
    to: input.helpdeskUri,
    subject: clip(input.firstWords, limits.subject),
    importance: 'Normal',
    _links: { customContent: { href: toDataUri('application/json;charset=utf-8', about) } },
  });
  return location;
}

/** Without query and fragment: they may hold what only the visitor and the page are meant to know. */
function addressOf(href: string): string {
  return clip(href.split(/[?#]/)[0] ?? '', maxHref);
}
