/** `multipart/related`: JSON first, further parts referenced as `CID:n` (reference/service-api.md 16). */
import { isUtf8 } from 'node:buffer';
import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import { decodeText, deserializationFailure, parseJson } from './deserialize.ts';

export interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/**
 * The JSON of the first part; every `CID:n` in its members and links has become the data URI of that part.
 * @throws RequestRefusedError 400 DeserializationFailure
 */
export function parseRelatedParts(contentType: string, body: Buffer): unknown {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw deserializationFailure('The boundary is missing');
  const [first, ...rest] = splitParts(body, boundary);
  if (first === undefined) throw deserializationFailure('The first part is missing');
  const contents = new Map<string, string>();
  for (const [index, part] of rest.entries()) {
    const type = part.headers.get('content-type') ?? 'text/plain';
    // Parts are counted from 1, and the JSON is the first.
    const id = (part.headers.get('content-id') ?? String(index + 2)).replace(/^<|>$/g, '');
    contents.set(id.toLowerCase(), dataUriOf(type, part.body));
  }
  return withContents(parseJson(decodeText(first.body)), contents);
}

/** Old clients read a type and a charset, unquoted, and nothing else (client-expectations U24). What is no UTF-8 goes as base64. */
function dataUriOf(contentType: string, body: Buffer): string {
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(contentType.trim())?.[0].toLowerCase() ?? 'text/plain';
  if (!isUtf8(body)) return `data:${type};base64,${body.toString('base64')}`;
  const charset = /;\s*charset="?([\w-]+)"?/i.exec(contentType)?.[1]?.toLowerCase();
  return toDataUri(charset === undefined ? type : `${type};charset=${charset}`, decodeText(body));
}

/** The parts between the boundaries. @throws RequestRefusedError 400 DeserializationFailure when the last one is open */
export function splitParts(body: Buffer, boundary: string): Part[] {
  const parts: Part[] = [];
  const delimiter = Buffer.from(`--${boundary}`);
  let start = body.indexOf(delimiter);
  while (start >= 0) {
    const from = start + delimiter.length;
    if (body.subarray(from, from + 2).toString() === '--') break;
    const end = body.indexOf(delimiter, from);
    if (end < 0) throw deserializationFailure('The last boundary is missing');
    parts.push(readPart(body.subarray(from, end)));
    start = end;
  }
  return parts;
}

function readPart(bytes: Buffer): Part {
  const trimmed = bytes.subarray(bytes.indexOf('\n') + 1, bytes.at(-2) === 13 ? -2 : -1);
  const crlf = trimmed.indexOf('\r\n\r\n');
  const bare = trimmed.indexOf('\n\n');
  const end = crlf >= 0 ? crlf : bare;
  const head = end < 0 ? '' : trimmed.subarray(0, end).toString('latin1');
  const headers = new Map<string, string>();
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: end < 0 ? trimmed : trimmed.subarray(end + (crlf >= 0 ? 4 : 2)) };
}

function withContents(json: unknown, contents: ReadonlyMap<string, string>): unknown {
  if (typeof json === 'string') {
    const id = /^cid:(.+)$/i.exec(json)?.[1]?.toLowerCase();
    return id === undefined ? json : (contents.get(id) ?? missingPart(id));
  }
  if (Array.isArray(json)) return json.map((item) => withContents(item, contents));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withContents(value, contents)]));
}

function missingPart(id: string): never {
  throw deserializationFailure(`There is no part ${id}`);
}
