/** Two people who talk over a platform that may go away at any moment: what was not answered is said again, what was heard is kept. */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import { incomingTexts, type Speaker } from './bridgedCall.ts';

export interface Chatter {
  /** What was answered with 201, in order. */
  readonly said: readonly string[];
  readonly heard: readonly string[];
  /** Says one thing after another until the platform is gone. @param answered is called after each answer */
  talk(origin: string, answered: () => void): Promise<void>;
  /** Listens until the platform is gone, or everything has been heard. */
  listen(origin: string, isEnough: () => boolean): Promise<void>;
}

/** @param name begins every text, so that texts tell who said them */
export function createChatter(name: string, { token, sendHref, eventsHref }: Speaker): Chatter {
  const said: string[] = [];
  const heard: string[] = [];
  let next = eventsHref;
  const headers = { Authorization: `Bearer ${token}` };
  return {
    said,
    heard,
    talk: async (origin, answered) => {
      for (;;) {
        const text = `${name} ${said.length + 1}`;
        const operationId = text.replace(' ', '-');
        const separator = sendHref.includes('?') ? '&' : '?';
        const answer = await ask(`${origin}${sendHref}${separator}operationId=${operationId}`, {
          method: 'POST',
          headers: { ...headers, 'Content-Type': 'text/plain' },
          body: text,
        });
        if (answer === undefined || answer.status === 503) return;
        if (answer.status !== 201) throw new Error(`"${text}" was answered ${answer.status}`);
        said.push(text);
        answered();
      }
    },
    listen: async (origin, isEnough) => {
      while (!isEnough()) {
        const answer = await ask(`${origin}${next}`, { headers });
        const body = answer?.body;
        if (answer === undefined || body === undefined || answer.status === 503) return;
        if (answer.status !== 200) throw new Error(`The channel answered ${answer.status}`);
        const batch = JSON.parse(body) as EventBatch;
        heard.push(...incomingTexts((batch.sender ?? []).flatMap(({ events }) => events)));
        next = batch._links.next?.href ?? next;
      }
    },
  };
}

/** @returns undefined when the platform went away before the whole answer was there */
async function ask(url: string, options: RequestInit): Promise<{ status: number; body: string } | undefined> {
  try {
    const answer = await fetch(url, options);
    return { status: answer.status, body: await answer.text() };
  } catch {
    return undefined;
  }
}
