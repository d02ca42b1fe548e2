/**
 * Splits what a connection brings into HTTP/1.1 messages, requests or answers, by Content-Length or chunks. The text is
 * latin1, one character a byte, so lengths are lengths; the bench sends and expects ASCII only.
 */
export interface HttpMessage {
  /** `HTTP/1.1 200 OK` or `POST /path HTTP/1.1`. */
  readonly startLine: string;
  /** The start line and all header lines. */
  readonly head: string;
  readonly body: string;
}

const contentLength = /\r\ncontent-length: *(\d+)/i;
const isChunked = /\r\ntransfer-encoding: *chunked/i;
const hasNoBody = /^HTTP\/1\.1 (?:1\d\d|204|304)/;

export class MessageReader {
  #rest = '';

  /** The messages that are complete with this piece. @throws Error when it is not HTTP */
  push(piece: string): HttpMessage[] {
    let text = this.#rest === '' ? piece : this.#rest + piece;
    const messages: HttpMessage[] = [];
    while (text !== '') {
      const read = readMessage(text);
      if (read === undefined) break;
      messages.push(read.message);
      text = text.slice(read.end);
    }
    this.#rest = text;
    return messages;
  }

  /** Whether a message has begun and not ended. */
  get isInside(): boolean {
    return this.#rest !== '';
  }
}

function readMessage(text: string): { message: HttpMessage; end: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd);
  const startLine = head.slice(0, head.indexOf('\r\n'));
  const start = headEnd + 4;
  if (isChunked.test(head)) {
    const read = readChunks(text, start);
    return read && { message: { startLine, head, body: read.body }, end: read.end };
  }
  const length = hasNoBody.test(startLine) ? 0 : Number(contentLength.exec(head)?.[1] ?? 0);
  if (text.length < start + length) return undefined;
  return { message: { startLine, head, body: text.slice(start, start + length) }, end: start + length };
}

function readChunks(text: string, start: number): { body: string; end: number } | undefined {
  let body = '';
  let at = start;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('not a chunk');
    const end = lineEnd + 2 + size + 2;
    if (text.length < end) return undefined;
    if (size === 0) return { body, end };
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = end;
  }
}
