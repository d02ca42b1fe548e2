/**
 * The load generator's HTTP: one kept-alive connection over node:net, one request at a time, the others wait in line.
 * Cheaper than node:http's own client, so that the server is what is measured. Methods are written without named inner
 * functions: the loader that runs TypeScript wraps each of those, and this code runs for every message.
 */
import net from 'node:net';
import { type HttpMessage, MessageReader } from './messageReader.ts';

export interface Wire {
  readonly status: number;
  readonly head: string;
  readonly text: string;
}

export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly text?: string;
  readonly form?: Readonly<Record<string, string>>;
}

export interface Sender {
  /** @throws Error when the connection breaks before the answer */
  send(request: Request): Promise<Wire>;
}

/** What a person sends over: a connection of its own, or some that all share. */
export interface Line extends Sender {
  cut(): void;
}

interface Waiting {
  readonly bytes: string;
  readonly resolve: (wire: Wire) => void;
  readonly reject: (error: Error) => void;
}

let open = 0;
/** Ports run out at some 28,000 connections from one address to one port, so the next ones come from the next address. */
const connectionsAnAddress = 20_000;

export class Connection implements Line {
  readonly #port: number;
  readonly #line: Waiting[] = [];
  #reader = new MessageReader();
  #socket: net.Socket | undefined;
  #current: Waiting | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  send(request: Request): Promise<Wire> {
    return new Promise((resolve, reject) => {
      this.#line.push({ bytes: bytesOf(request, this.#port), resolve, reject });
      this.#next();
    });
  }

  /** How many requests wait or are under way. */
  get load(): number {
    return this.#line.length + (this.#current === undefined ? 0 : 1);
  }

  /** Cuts it in the middle of whatever is under way; a later request opens it again. */
  cut(): void {
    const socket = this.#socket;
    this.#forget(new Error('cut'));
    socket?.destroy();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const waiting = this.#line.shift();
    if (waiting === undefined) return;
    this.#current = waiting;
    this.#socket ??= this.#open();
    this.#socket.write(waiting.bytes, 'latin1');
  }

  #open(): net.Socket {
    const address = 1 + Math.floor(open / connectionsAnAddress);
    open += 1;
    // Only where it must be: choosing a port for a given address is slow when many are taken.
    const from = address === 1 ? {} : { localAddress: `127.0.0.${address}` };
    const socket = net.connect({ host: '127.0.0.1', port: this.#port, noDelay: true, ...from });
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      if (socket === this.#socket) this.#receive(piece);
    });
    socket.on('error', (error) => {
      if (socket === this.#socket) this.#forget(error);
    });
    socket.on('close', () => {
      open -= 1;
      if (socket === this.#socket) this.#forget(new Error('the server closed the connection'));
    });
    return socket;
  }

  #receive(piece: string): void {
    for (const message of this.#reader.push(piece)) {
      const current = this.#current;
      this.#current = undefined;
      current?.resolve(wireOf(message));
    }
    if (this.#line.length > 0) this.#next();
  }

  #forget(error: Error): void {
    const current = this.#current;
    this.#socket = undefined;
    this.#current = undefined;
    this.#reader = new MessageReader();
    current?.reject(error);
    if (this.#line.length > 0) this.#next();
  }
}

function wireOf({ body, head, startLine }: HttpMessage): Wire {
  return { status: Number(startLine.slice(9, 12)), head, text: body };
}

function bytesOf({ form, json, method, path, text, token }: Request, port: number): string {
  let bytes = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: application/json\r\n`;
  if (token !== undefined) bytes += `Authorization: Bearer ${token}\r\n`;
  if (method === 'GET') return `${bytes}\r\n`;
  if (text !== undefined) return `${bytes}Content-Type: text/plain; charset=utf-8\r\n${withBody(text)}`;
  if (json !== undefined) return `${bytes}Content-Type: application/json\r\n${withBody(JSON.stringify(json))}`;
  if (form === undefined) return `${bytes}${withBody('')}`;
  return `${bytes}Content-Type: application/x-www-form-urlencoded\r\n${withBody(new URLSearchParams(form).toString())}`;
}

const withBody = (body: string): string => `Content-Length: ${body.length}\r\n\r\n${body}`;

/** What must succeed. @throws Error with the answer when it is not 2xx */
export async function must(sender: Sender, request: Request): Promise<Wire> {
  const answer = await sender.send(request);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.text.slice(0, 500)}`);
}
