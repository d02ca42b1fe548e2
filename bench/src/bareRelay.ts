/**
 * The yardstick, as a process of its own: a long-poll relay on bare node:http. POST puts a text into a channel, GET
 * waits for what is there. No store, no protocol, no authentication, nothing kept.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface Channel {
  waiting: string[];
  parked: http.ServerResponse | undefined;
}

const channels = new Map<string, Channel>();

function channelOf(name: string): Channel {
  const known = channels.get(name);
  if (known !== undefined) return known;
  const channel: Channel = { waiting: [], parked: undefined };
  channels.set(name, channel);
  return channel;
}

function flush(channel: Channel): void {
  const { parked, waiting } = channel;
  if (parked === undefined || waiting.length === 0) return;
  channel.parked = undefined;
  channel.waiting = [];
  parked.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(waiting));
}

const server = http.createServer((request, response) => {
  const channel = channelOf(request.url ?? '');
  if (request.method === 'GET') {
    channel.parked = response;
    response.on('close', () => {
      if (channel.parked === response) channel.parked = undefined;
    });
    flush(channel);
    return;
  }
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    text += chunk;
  });
  request.on('end', () => {
    channel.waiting.push(text);
    response.writeHead(201, { Location: request.url ?? '' }).end();
    flush(channel);
  });
});

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
