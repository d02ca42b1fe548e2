/** The load generator's HTTP: kept-alive connections, bodies read whole, nothing clever. */
import http from 'node:http';

export interface Wire {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly text?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, noDelay: true });

function payloadOf({ form, json, text }: Request): [string | undefined, string | undefined] {
  if (json !== undefined) return [JSON.stringify(json), 'application/json'];
  if (form !== undefined) return [new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded'];
  return [text, text === undefined ? undefined : 'text/plain; charset=utf-8'];
}

/** One request. @throws Error when there is no answer. */
export function request(wanted: Request): Promise<Wire> {
  const [payload, contentType] = payloadOf(wanted);
  const headers: Record<string, string | number> = { Accept: 'application/json' };
  if (wanted.token !== undefined) headers.Authorization = `Bearer ${wanted.token}`;
  if (contentType !== undefined) headers['Content-Type'] = contentType;
  if (wanted.method !== 'GET') headers['Content-Length'] = payload === undefined ? 0 : Buffer.byteLength(payload);
  const options = { method: wanted.method, headers, agent, ...(wanted.signal ? { signal: wanted.signal } : {}) };
  return new Promise((resolve, reject) => {
    const sending = http.request(wanted.url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, text }),
      );
    });
    sending.on('error', reject);
    sending.end(payload);
  });
}

/** The same, for what must succeed. @throws Error with the answer when it is not 2xx. */
export async function must(wanted: Request): Promise<Wire> {
  const answer = await request(wanted);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`${wanted.method} ${wanted.url}: ${answer.status} ${answer.text.slice(0, 500)}`);
}
