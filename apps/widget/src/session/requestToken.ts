import { ConnectionError } from '@repo/ucwa-client/errors';
import type { Send } from '@repo/ucwa-client/request';
import type { Grant } from './chatState.ts';

/**
 * Asks the service application for leave to chat with its helpdesk (reference/call-flow.md step 0).
 * @param helpdesk public key of the helpdesk, from the page's script tag
 * @throws UcwaError when the helpdesk is unknown or this page's origin is not allowed; ConnectionError
 */
export async function requestToken(send: Send, helpdesk: string): Promise<Grant> {
  const { resource } = await send({ method: 'POST', href: '/api/helpdesk/token', body: { helpdesk } });
  const text = (name: keyof Grant): string => {
    const value = resource?.[name];
    return typeof value === 'string' ? value : '';
  };
  const [token, discoverUrl, helpdeskUri] = [text('token'), text('discoverUrl'), text('helpdeskUri')];
  if (!token || !discoverUrl || !helpdeskUri) {
    throw new ConnectionError('MalformedAnswer', 'The token route answered without a token.');
  }
  return { token, discoverUrl, helpdeskUri, expiryTime: text('expiryTime'), displayName: text('displayName') };
}
