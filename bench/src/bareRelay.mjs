/**
 * The yardstick, as a process of its own: a long-poll relay on bare node:http. POST puts a text into a channel, GET
 * waits for what is there. No store, no protocol, no authentication, nothing kept.
 */
import http from 'node:http';

const channels = new Map();

function channelOf(name) {
  const known = channels.get(name);
  if (known !== undefined) return known;
  const channel = { waiting: [], parked: undefined };
  channels.set(name, channel);
  return channel;
}

function flush(channel) {
  const { parked, waiting } = channel;
  if (parked === undefined || waiting.length === 0) return;
  channel.parked = undefined;
  channel.waiting = [];
  const body = JSON.stringify(waiting);
  parked.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
}

const server = http.createServer((request, response) => {
  const channel = channelOf(request.url);
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
  request.on('data', (chunk) => {
    text += chunk;
  });
  request.on('end', () => {
    channel.waiting.push(text);
    response.writeHead(201, { Location: request.url, 'Content-Length': 0 }).end();
    flush(channel);
  });
});

// Node's default of five seconds would close what a chat keeps open between two messages.
server.keepAliveTimeout = 600_000;
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', 8192, () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
