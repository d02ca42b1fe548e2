/** One actor's requests: a token, fixed headers, and the place against which relative hrefs resolve. */
import type { Resource } from './hal.ts';
import { type Answer, type SendOptions, send } from './wire.ts';

export interface Caller {
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  resolve(href: string): string;
  send(method: string, href: string, options?: SendOptions): Promise<Answer>;
  /** GET of an href that must be there. @throws Error when it is not 200. */
  read(href: string): Promise<Resource>;
}

/** @param base what relative hrefs resolve against @param headers sent with every request */
export function createCaller(base: string, token?: string, headers: Readonly<Record<string, string>> = {}): Caller {
  const resolve = (href: string): string => new URL(href, base).href;
  const call = (method: string, href: string, options: SendOptions = {}): Promise<Answer> =>
    send(method, resolve(href), {
      ...(token === undefined ? {} : { token }),
      ...options,
      headers: { ...headers, ...options.headers },
    });
  return {
    token,
    headers,
    resolve,
    send: call,
    read: async (href) => {
      const answer = await call('GET', href);
      if (answer.status !== 200) throw new Error(`GET ${href}: ${answer.status} ${answer.text}`);
      return answer.resource;
    },
  };
}
