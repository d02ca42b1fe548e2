/** Format 1 kept an event as an object; format 2 keeps its text, and beside it what delivery asks of it. */
import { wordOf } from '@repo/ucwa-protocol/rels';
import type { Database } from './lmdbLayout.ts';

interface StoredEvent {
  readonly event?: {
    readonly link: { readonly rel: string };
    readonly type: string;
    readonly _embedded?: Readonly<Record<string, { readonly direction?: string }>>;
  };
}

/** Keys that are looked at together: a long queue must not be in memory as a whole. */
const chunk = 1_000;
const end = ['event', '\uffff'];

/** Members keep their order, so the text is what was on the wire. */
export function keepEventsAsText(database: Database): void {
  for (let start: (string | number)[] = ['event']; ; ) {
    const keys = [...database.getKeys({ start, end, limit: chunk })];
    for (const key of keys) {
      const { event, ...rest } = database.get(key) as StoredEvent;
      if (event !== undefined) database.putSync(key, { ...rest, ...asText(event) });
    }
    const last = keys.at(-1);
    if (keys.length < chunk || last === undefined) return;
    start = [...last, 0];
  }
}

function asText(event: NonNullable<StoredEvent['event']>): { text: string; rings?: true; ends?: true } {
  const { link, type } = event;
  const word = wordOf(link.rel);
  const isIncoming = event._embedded?.[link.rel]?.direction === 'Incoming';
  return {
    text: JSON.stringify(event),
    ...(type === 'started' && word === 'messagingInvitation' && isIncoming ? { rings: true } : {}),
    ...(type === 'deleted' && word === 'conversation' ? { ends: true } : {}),
  };
}
