/** The inputs that several operations share, with the limits of the wire (reference/service-api.md 0). */
import { fromDataUri, toDataUri } from '@repo/ucwa-protocol/dataUri';
import { limits } from '@repo/ucwa-protocol/limits';
import { isSipUri } from '@repo/ucwa-protocol/sipUri';
import { importances } from '@repo/ucwa-protocol/states';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Deps, servicePrincipal } from '../deps.ts';
import { isBrokenText } from '../input.ts';
import type { CallbackInput } from '../model/conversation.ts';
import { refuseParameter } from '../model/refusal.ts';
import { isRepeated } from '../receipts.ts';

const hrefInput = z.object({ href: z.string() }).optional();

export const operationId = z.string().min(1).max(limits.operationId);
export const sipUri = z.string().refine(isSipUri);

export const callbackInputs = {
  callbackUrl: z.string().min(1).optional(),
  callbackContext: z.string().optional(),
};

export const invitationInputs = {
  subject: z.string().max(limits.subject).optional(),
  threadId: z.string().max(limits.threadId).optional(),
  importance: z.enum(importances).optional(),
};

export const contentInputs = {
  message: z.string().optional(),
  customContent: z.string().optional(),
  _links: z.object({ message: hrefInput, customcontent: hrefInput }).optional(),
};

/**
 * Where the callbacks of the new conversation go; a callbackUrl wins over a context (reference/service-api.md 0) and is tried first.
 * @throws RequestRefusedError 400 CallbackUriUnreachable when the application may not be called there, or is not there
 */
export async function callbackOf(
  deps: Pick<Deps, 'probeCallback' | 'store' | 'clock'>,
  request: FastifyRequest,
  input: { readonly callbackUrl?: string | undefined; readonly callbackContext?: string | undefined },
): Promise<{ readonly callback?: CallbackInput }> {
  if (input.callbackUrl !== undefined) {
    if (!(await isRepeated(deps.store, deps.clock.now(), request)))
      await deps.probeCallback(servicePrincipal(request), input.callbackUrl);
    return { callback: { callbackUrl: input.callbackUrl } };
  }
  return input.callbackContext === undefined ? {} : { callback: { callbackContext: input.callbackContext } };
}

/** First text and custom content as data links, wherever they were put. */
export function contentOf(input: {
  readonly message?: string | undefined;
  readonly customContent?: string | undefined;
  readonly _links?:
    | { readonly message?: { href: string } | undefined; readonly customcontent?: { href: string } | undefined }
    | undefined;
}): { readonly message?: string; readonly customContent?: string } {
  const message = input.message ?? input._links?.message?.href;
  if (message !== undefined && isBrokenText(fromDataUri(message)?.text ?? '')) refuseParameter('message', 'invalid');
  const customContent = input.customContent ?? input._links?.customcontent?.href;
  return {
    ...(message === undefined ? {} : { message: asDataUri(message) }),
    ...(customContent === undefined ? {} : { customContent: asDataUri(customContent) }),
  };
}

/** Whatever a part of a multipart body held is a data link already, also when it is no text. */
const asDataUri = (text: string): string =>
  /^data:[^,]*,/i.test(text) ? text : toDataUri('text/plain;charset=utf-8', text);

/** What `exactOptionalPropertyTypes` wants: members that are undefined are not there. */
export function given<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
