/**
 * `multipart/batching`: several HTTP requests in one body, and their answers in one (reference/ucwa-api.md 10). Written by hand,
 * because the oldest clients read it line by line (client-expectations U4, U5): Content-Type is the last header of an answer, its
 * body is one line, and `HTTP/1.1` occurs nowhere but in the status line.
 */
import { STATUS_CODES } from 'node:http';
import { decodeText, deserializationFailure } from './deserialize.ts';
import { headerCase } from './headerCase.ts';
import { splitParts } from './multipart.ts';

export interface BatchedRequest {
  readonly method: string;
  /** As it stands in the request line: a path, absolute or not, or a URL. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface BatchedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @throws RequestRefusedError 400 DeserializationFailure */
export function parseBatch(contentType: string, body: Buffer): BatchedRequest[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw deserializationFailure('The boundary is missing');
  return splitParts(body, boundary).map((part) => parseRequest(decodeText(part.body).trimStart()));
}

function parseRequest(text: string): BatchedRequest {
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/);
  const [requestLine = '', ...lines] = head.split(/\r?\n/);
  const [, method, target] = /^([A-Za-z]+) (\S+)/.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) throw deserializationFailure('A part is no request');
  const { data, ...headers } = Object.fromEntries(
    lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]] : [];
    }),
  ) as Record<string, string>;
  // Old clients write the body as if it were a header called Data.
  const body = rest.join('\r\n\r\n').trim() || data;
  return { method: method.toUpperCase(), target, headers, ...(body === undefined ? {} : { body }) };
}

/** The body of the answer, in the order of the requests. */
export function writeBatch(boundary: string, answers: readonly BatchedAnswer[]): string {
  const parts = answers.map(
    (answer) => `--${boundary}\r\nContent-Type: application/http; msgtype=response\r\n\r\n${writeAnswer(answer)}\r\n`,
  );
  return `${parts.join('')}--${boundary}--\r\n`;
}

function writeAnswer({ status, headers, body }: BatchedAnswer): string {
  const { 'content-type': contentType, ...others } = headers;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries(others).map(([name, value]) => `${headerCase(name)}: ${value}`),
    ...(body === '' || contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
  ];
  const oneLine = body.replace(/[\r\n]+/g, ' ').replaceAll('HTTP/1.1', 'HTTP\\/1.1');
  return `${lines.map((line) => `${line}\r\n`).join('')}\r\n${oneLine}`;
}
