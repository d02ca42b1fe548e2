/** Where an SA may be called back: only hosts that an operator has listed for the application (reference/service-api.md 0). */
import { RequestRefusedError } from '../errors.ts';
import type { CallbackTarget } from '../model/channel.ts';
import type { ServiceClient } from '../model/registration.ts';
import { isForbiddenLiteral } from './callbackAddresses.ts';

/** What of a registration says where callbacks may go. */
export type CallbackRules = Pick<ServiceClient, 'callbackHosts' | 'callbackCidrs'>;

/** What was found out for an application as it is registered: a URL of its is looked at with every batch. */
const known = new WeakMap<CallbackRules, Map<string, boolean>>();
const maxKnown = 100;

/**
 * Whether the URL is http(s) and its host, port included, is listed; everything else is denied. What a name leads to is looked at
 * when a connection is made (callbackAddresses.ts); a host that is itself an address is looked at here.
 */
export function isAllowedCallbackUrl(client: CallbackRules, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, hostname, username, password } = new URL(url);
  if ((protocol !== 'http:' && protocol !== 'https:') || username !== '' || password !== '') return false;
  const byOrigin = known.get(client) ?? new Map<string, boolean>();
  const origin = `${protocol}//${host}`;
  const answer = byOrigin.get(origin) ?? isAllowedHost(client, protocol, host, hostname);
  if (byOrigin.size < maxKnown) known.set(client, byOrigin.set(origin, answer));
  return answer;
}

function isAllowedHost(client: CallbackRules, protocol: string, host: string, hostname: string): boolean {
  if (isForbiddenLiteral(hostname, client.callbackCidrs ?? [])) return false;
  return client.callbackHosts.some((allowed) => hostOf(protocol, allowed) === host);
}

/** Whether an entry of the list is a host, with its port when that is not the scheme's own, and nothing else. */
export function isCallbackHost(entry: string): boolean {
  const url = hostOf('https:', entry);
  return url !== undefined && /^[^/?#@\\\s]+$/.test(entry.trim());
}

/** @throws RequestRefusedError 400 CallbackUriUnreachable */
export function requireCallbackUrl(client: CallbackRules, url: string): void {
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
