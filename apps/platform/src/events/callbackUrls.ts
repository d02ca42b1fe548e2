/** Where an SA may be called back: only hosts that an operator has listed for the application (reference/service-api.md 0). */
import { RequestRefusedError } from '../errors.ts';
import type { CallbackTarget } from '../model/channel.ts';
import type { ServiceClient } from '../model/registration.ts';

/** Whether the URL is http(s) and its host, port included, is listed; everything else is denied. */
export function isAllowedCallbackUrl(client: Pick<ServiceClient, 'callbackHosts'>, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  if ((protocol !== 'http:' && protocol !== 'https:') || username !== '' || password !== '') return false;
  return client.callbackHosts.some((allowed) => hostOf(protocol, allowed) === host);
}

/** @throws RequestRefusedError 400 CallbackUriUnreachable */
export function requireCallbackUrl(client: Pick<ServiceClient, 'callbackHosts'>, url: string): void {
  if (isAllowedCallbackUrl(client, url)) return;
  throw callbackUnreachable('The callbackUrl is not on a host registered for this application', 'not allowed');
}

/** 400 CallbackUriUnreachable (reference/errors.md 3). */
export function callbackUnreachable(message: string, problem: string): RequestRefusedError {
  return new RequestRefusedError(400, {
    subcode: 'CallbackUriUnreachable',
    message,
    parameters: { callbackUrl: problem },
  });
}

/**
 * The address of a callback: the operation's own URL to the letter, else the endpoint's default; a context is appended
 * (reference/events.md 4.1).
 */
export function callbackAddress(target: CallbackTarget, defaultUrl: string): string {
  const url = target.callbackUrl ?? defaultUrl;
  if (target.callbackContext === undefined) return url;
  return `${url}${url.includes('?') ? '&' : '?'}callbackContext=${encodeURIComponent(target.callbackContext)}`;
}

function hostOf(protocol: string, entry: string): string | undefined {
  const text = `${protocol}//${entry.trim()}`;
  return URL.canParse(text) ? new URL(text).host : undefined;
}
