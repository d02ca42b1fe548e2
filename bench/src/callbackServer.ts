/** The stub that callbacks go to: answers 200 as cheaply as it can and hands the body on. */
import net from 'node:net';
import { MessageReader } from './messageReader.ts';

export interface CallbackServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @param onCallback gets query and body; what it returns is the body of the answer */
export async function startCallbackServer(
  onCallback: (query: URLSearchParams, body: string) => string,
): Promise<CallbackServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    const reader = new MessageReader();
    sockets.add(socket);
    socket.setEncoding('latin1');
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
    socket.on('data', (piece: string) => {
      for (const { body, startLine } of reader.push(piece)) {
        const answer = onCallback(queryOf(startLine), body);
        const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${answer.length}\r\n\r\n`;
        socket.write(head + answer, 'latin1');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 8192, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function queryOf(startLine: string): URLSearchParams {
  const at = startLine.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : startLine.slice(at + 1, startLine.lastIndexOf(' ')));
}
