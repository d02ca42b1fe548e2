/** The callback route of a fake SA: answers 200, keeps what came, and lets a test wait for an event. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventBatch, WireEvent } from '@repo/ucwa-protocol/events';
import { wordOf } from '@repo/ucwa-protocol/rels';

export interface Callback {
  readonly url: URL;
  readonly authorization: string;
  readonly batch: EventBatch;
}

export interface Told {
  readonly sender: { readonly rel: string; readonly href: string };
  readonly event: WireEvent;
  readonly url: URL;
}

export interface CallbackReceiver {
  readonly host: string;
  readonly url: string;
  readonly callbacks: readonly Callback[];
  told(): Told[];
  /** Resolves with the first event that fits, past or future. @throws when it does not come in time */
  event(word: string, fits: (told: Told) => boolean): Promise<Told>;
  close(): Promise<void>;
}

/**
 * @param contextOf answers a callback that came without a context; undefined = an empty body
 * @param beforeAnswer holds answers back
 * @param patienceMs how long it waits for an event
 */
export async function startCallbackReceiver(
  contextOf: (batch: EventBatch) => string | undefined,
  beforeAnswer: () => Promise<void> = async () => undefined,
  patienceMs = 5_000,
): Promise<CallbackReceiver> {
  const callbacks: Callback[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const batch = JSON.parse(Buffer.concat(chunks).toString('utf8')) as EventBatch;
      callbacks.push({ url, authorization: request.headers.authorization ?? '', batch });
      const context = url.searchParams.has('callbackContext') ? undefined : contextOf(batch);
      for (const look of [...waiting]) look();
      void beforeAnswer().then(() => {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(context === undefined ? undefined : JSON.stringify({ CallbackContext: context }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const told = (): Told[] =>
    callbacks.flatMap(({ batch, url }) =>
      (batch.sender ?? []).flatMap(({ rel, href, events }) =>
        events.map((event) => ({ sender: { rel, href }, event, url })),
      ),
    );
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/callback`,
    callbacks,
    told,
    event: (word, fits) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = (): void => {
          const found = told().find((one) => wordOf(one.event.link.rel) === word && fits(one));
          if (found === undefined) return;
          end();
          resolve(found);
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`No callback about ${word}`));
        }, patienceMs);
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
