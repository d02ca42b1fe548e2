/** The long poll of a visitor or an agent. */
import { type EventBatch, parse, type WireEvent } from './hal.ts';
import { request } from './http.ts';

export interface UcwaChannel {
  stop(): Promise<void>;
}

/** Polls from the first href on until stopped. A refusal ends the process: then the numbers would mean nothing. */
export function openChannel(
  eventsUrl: string,
  token: string,
  onEvent: (event: WireEvent, sender: string) => void,
  onFailure: (error: Error) => void,
): UcwaChannel {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    let url = eventsUrl;
    while (!stopping.signal.aborted) {
      const answer = await request({ method: 'GET', url, token, signal: stopping.signal });
      if (answer.status !== 200) throw new Error(`event channel: ${answer.status} ${answer.text}`);
      const batch = parse<EventBatch>(answer.text);
      const next = batch._links?.next ?? batch._links?.resume ?? batch._links?.resync;
      if (next === undefined) throw new Error('event channel: no next');
      url = new URL(next.href, url).href;
      for (const { events, href } of batch.sender ?? []) for (const event of events) onEvent(event, href);
    }
  };
  const running = loop().catch((error: unknown) => {
    if (!stopping.signal.aborted) onFailure(error as Error);
  });
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
