/** Plain HTTP: one function that sends a request and reads the whole answer. Nothing here knows the API. */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { Resource } from './hal.ts';

export interface SendOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** No header beyond those that are asked for; else `Accept` and `client-request-id` go with every request. */
  readonly bare?: true;
  readonly json?: unknown;
  /** A raw body, sent as it is; `contentType` names it. */
  readonly text?: string | Buffer;
  readonly contentType?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** How long to wait for the answer, ms. */
  readonly deadlineMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Names and values in turn, as they came: shows repeated lines and the case of names. */
  readonly rawHeaders: readonly string[];
  readonly text: string;
  /** The parsed JSON body, or an empty object. */
  readonly resource: Resource;
  /** Where the request went. */
  readonly url: string;
  /** The `client-request-id` that was sent. */
  readonly requestId: string;
  /** When the answer's head was read, on the scale of {@link nextMoment}. */
  readonly at: number;
}

/** Is shown every answer of this process; for whoever collects what a server says. */
export const answerListeners = new Set<(answer: Answer) => void>();

let moments = 0;

/** A counter that puts answers and events of this process into one order. */
export function nextMoment(): number {
  moments += 1;
  return moments;
}

const agents = {
  http: new http.Agent({ keepAlive: true, maxSockets: 200 }),
  https: new https.Agent({ keepAlive: true, maxSockets: 200 }),
};

function bodyOf(options: SendOptions): { payload: Buffer | undefined; contentType: string | undefined } {
  if (options.json !== undefined)
    return {
      payload: Buffer.from(JSON.stringify(options.json)),
      contentType: options.contentType ?? 'application/json',
    };
  if (options.form !== undefined)
    return {
      payload: Buffer.from(new URLSearchParams(options.form).toString()),
      contentType: 'application/x-www-form-urlencoded',
    };
  return {
    payload: options.text === undefined ? undefined : Buffer.from(options.text),
    contentType: options.contentType,
  };
}

/**
 * Sends one request and reads the answer to its end. Follows no redirect and throws only when there is no answer.
 * @throws Error when the connection fails or nothing came before the deadline.
 */
export function send(method: string, url: string, options: SendOptions = {}): Promise<Answer> {
  const { payload, contentType } = bodyOf(options);
  const requestId = randomUUID();
  const usual = { Accept: 'application/json', 'client-request-id': requestId };
  const headers: Record<string, string> = options.bare ? {} : usual;
  if (options.token !== undefined) headers.Authorization = `Bearer ${options.token}`;
  if (contentType !== undefined) headers['Content-Type'] = contentType;
  if (payload !== undefined || method === 'POST' || method === 'PUT')
    headers['Content-Length'] = String(payload?.length ?? 0);
  Object.assign(headers, options.headers);
  const secure = url.startsWith('https:');
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(
      url,
      {
        method,
        headers,
        agent: secure ? agents.https : agents.http,
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (response) => {
        const at = nextMoment();
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const { headers: answerHeaders, rawHeaders, statusCode } = response;
          const answer: Answer = {
            status: statusCode ?? 0,
            headers: answerHeaders,
            rawHeaders,
            text,
            resource: parse(text),
            url,
            requestId,
            at,
          };
          for (const listen of answerListeners) listen(answer);
          resolve(answer);
        });
      },
    );
    request.setTimeout(options.deadlineMs ?? 15_000, () => request.destroy(new Error(`no answer: ${method} ${url}`)));
    request.on('error', reject);
    request.end(payload);
  });
}

function parse(text: string): Resource {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Resource) : {};
  } catch {
    return {};
  }
}
