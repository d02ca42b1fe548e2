/**
 * The HTTP client of callbacks: connections are kept and go to allowed addresses only, redirects are not followed, and answers are
 * read up to a limit.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Resolve, resolveByDns } from './callbackAddresses.ts';
import { createPinnedAgents } from './pinnedAgents.ts';

const answerLimitBytes = 64 * 1024;

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Blocks of addresses that may be called besides public ones. */
  readonly cidrs: readonly string[];
}

export interface PostAnswer {
  readonly status: number;
  /** Empty when it is longer than anybody would need. */
  text(): Promise<string>;
}

/** @throws AddressNotAllowedError before anything is sent; Error when nobody answers, or the signal fires first */
export type Post = (url: string, options: PostOptions) => Promise<PostAnswer>;

export interface KeepAlivePost {
  readonly post: Post;
  /** Drops the connections that nobody uses. */
  close(): void;
}

/** @param resolve how names become addresses; default: by DNS */
export function createKeepAlivePost(resolve: Resolve = resolveByDns): KeepAlivePost {
  const agents = createPinnedAgents(resolve);

  const send = (url: URL, given: PostOptions, isRepeated: boolean): Promise<PostAnswer> =>
    new Promise((resolve, reject) => {
      const { headers, body, signal, cidrs } = given;
      const client = url.protocol === 'https:' ? https : http;
      const options = {
        method: 'POST',
        agent: agents.agentFor(url, cidrs),
        signal,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      };
      const request = client.request(url, options, (response) => {
        const status = response.statusCode ?? 0;
        readText(response, (text) => resolve({ status, text: async () => text }), reject);
      });
      request.once('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the other side was just closing says nothing about the other side.
        if (!isRepeated && request.reusedSocket && error.code === 'ECONNRESET') {
          resolve(send(url, given, true));
        } else reject(error);
      });
      request.end(body);
    });

  return {
    post: async (url, options) => send(new URL(url), options, false),
    close: () => agents.close(),
  };
}

function readText(response: IncomingMessage, done: (text: string) => void, failed: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= answerLimitBytes) chunks.push(chunk);
    else {
      done('');
      response.destroy();
    }
  });
  response.once('end', () => done(Buffer.concat(chunks).toString('utf8')));
  response.once('error', failed);
}
