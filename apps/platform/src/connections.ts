/**
 * The connections of the server at its end. What has been asked for completely is answered; a request of which the rest may never
 * come, or a connection on which nothing was asked for, would keep the server open for as long as its sender likes.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface Connections {
  /** Ends every connection that is not answering a request which has arrived completely. */
  cutUnfinished(): void;
}

/** @param server before it listens */
export function watchConnections(server: Server): Connections {
  const latest = new Map<Socket, Exchange | undefined>();
  server.on('connection', (socket) => {
    latest.set(socket, undefined);
    socket.once('close', () => latest.delete(socket));
  });
  server.on('request', (request, response) => {
    latest.set(request.socket, { request, response });
  });
  return {
    cutUnfinished: () => {
      for (const [socket, exchange] of latest) if (!isAnswering(exchange)) socket.destroy();
    },
  };
}

const isAnswering = (exchange: Exchange | undefined): boolean =>
  exchange?.request.complete === true && !exchange.response.writableFinished;
