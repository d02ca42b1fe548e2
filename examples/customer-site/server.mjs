/**
 * A customer's page on an origin of its own, under the strictest policy that the widget has to live with. It knows
 * nothing of the helpdesk but one script tag. Settings come from the environment, or as arguments:
 *
 *     node server.mjs --port 3002 --web http://localhost:3000 --platform http://localhost:3001
 *
 * Prints its address when it listens; SIGTERM and SIGINT close it.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env.CUSTOMER_SITE_PORT ?? '3002' },
    web: { type: 'string', default: process.env.WEB_URL ?? 'http://localhost:3000' },
    platform: { type: 'string', default: process.env.PLATFORM_URL ?? 'http://localhost:3001' },
    helpdesk: { type: 'string', default: process.env.HELPDESK_KEY ?? 'contoso' },
  },
});
const webOrigin = new URL(values.web).origin;
const platformOrigin = new URL(values.platform).origin;

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  `script-src ${webOrigin}`,
  `connect-src ${webOrigin} ${platformOrigin}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const folder = new URL('./public/', import.meta.url);
const page = (name) => async () =>
  (await readFile(new URL(name, folder), 'utf8'))
    .replaceAll('{{webOrigin}}', webOrigin)
    .replaceAll('{{helpdesk}}', encodeURIComponent(values.helpdesk));
const file = (name) => () => readFile(new URL(name, folder), 'utf8');

const routes = new Map([
  ['/', { type: 'text/html; charset=utf-8', body: page('index.html') }],
  ['/shop.css', { type: 'text/css; charset=utf-8', body: file('shop.css') }],
  ['/mugs.svg', { type: 'image/svg+xml', body: file('mugs.svg') }],
  ['/kettle.svg', { type: 'image/svg+xml', body: file('kettle.svg') }],
  ['/teapot.svg', { type: 'image/svg+xml', body: file('teapot.svg') }],
]);

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const route = routes.get(pathname);
  if (!route || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
    return;
  }
  try {
    const body = await route.body();
    response.writeHead(200, {
      'Content-Type': route.type,
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'strict-origin-when-cross-origin',
      'Cache-Control': 'no-cache',
    });
    response.end(body);
  } catch (error) {
    console.error(`cannot serve ${pathname}:`, error);
    response.writeHead(500).end();
  }
});

server.on('error', (error) => {
  console.error(`The customer's page cannot listen on port ${values.port}: ${error.message}`);
  process.exitCode = 1;
});
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`customer site on http://localhost:${server.address().port}`);
});

// 'disconnect': the program that started this one is gone.
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
// Listening for that must not keep this program alive by itself.
process.channel?.unref();
