/** The same chats through the bare relay: a channel for every visitor and every agent, as on the platform. */
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import type { Talk } from './closedLoop.ts';
import { must, request } from './http.ts';
import { type ServerProcess, startServer } from './serverProcess.ts';

export interface BareRelay {
  readonly server: ServerProcess;
  talks(chats: number, chatsPerAgent: number): { talks: Talk[]; stop(): Promise<void> };
}

export async function startBareRelay(): Promise<BareRelay> {
  const script = path.join(import.meta.dirname, 'bareRelay.ts');
  let announce = (_port: string): void => {};
  const port = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const server = startServer(['--import', 'tsx', script], {}, (line) => announce(line));
  const base = `http://127.0.0.1:${await port}`;
  return { server, talks: (chats, chatsPerAgent) => open(base, chats, chatsPerAgent) };
}

function open(base: string, chats: number, chatsPerAgent: number): { talks: Talk[]; stop(): Promise<void> } {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const talks: Talk[] = [];
  const loops: Promise<void>[] = [];
  const poll = async (url: string, onText: (text: string) => void): Promise<void> => {
    while (!stopping.signal.aborted) {
      const answer = await request({ method: 'GET', url, signal: stopping.signal });
      for (const text of JSON.parse(answer.text) as string[]) onText(text);
    }
  };
  const run = (url: string, onText: (text: string) => void): void => {
    loops.push(poll(url, onText).catch(() => {}));
  };
  for (let index = 0; index < chats; index += 1) {
    const visitorUrl = `${base}/visitor/${index}`;
    const agentUrl = `${base}/agent/${Math.floor(index / chatsPerAgent)}`;
    talks.push({
      onMessage: () => {},
      say: async (from, text) => {
        const url = from === 'visitor' ? agentUrl : visitorUrl;
        await must({ method: 'POST', url, text: `${index} ${text}` });
      },
    });
    run(visitorUrl, () => talks[index]?.onMessage('visitor'));
    if (index % chatsPerAgent === 0) run(agentUrl, (text) => talks[Number.parseInt(text, 10)]?.onMessage('agent'));
  }
  return {
    talks,
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
