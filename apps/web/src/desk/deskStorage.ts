/**
 * What a reload must find again. Per tab (sessionStorage): unsent messages, drafts, invitations that ring.
 * Per browser (localStorage): the endpointId, by which the platform finds this desk's application again.
 */
import type { Outgoing } from './deskState.ts';

/** The part of the browser's Storage that is used; it throws when it is full or forbidden. */
export type TextStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface DeskStorage {
  endpointId(sipUri: string, make: () => string): string;
  loadOutbox(): readonly Outgoing[];
  saveOutbox(outbox: readonly Outgoing[]): void;
  loadRinging(): readonly string[];
  saveRinging(hrefs: readonly string[]): void;
  loadDraft(conversationHref: string): string;
  saveDraft(conversationHref: string, text: string): void;
}

const prefix = 'bridgedesk.desk';

/** @param owner the person's SIP uri: what one person left behind is not shown to the next one at this browser */
export function createDeskStorage(owner: string, session: TextStore, local: TextStore): DeskStorage {
  const name = (part: string): string => `${prefix}.${owner}.${part}`;
  return {
    endpointId(sipUri, make) {
      const key = `${prefix}.${sipUri}.endpointId`;
      const known = read(local, key);
      if (typeof known === 'string' && known !== '') return known;
      const made = make();
      write(local, key, made);
      return made;
    },
    loadOutbox: () => list(read(session, name('outbox'))).filter(isOutgoing),
    saveOutbox: (outbox) => write(session, name('outbox'), outbox),
    loadRinging: () => list(read(session, name('ringing'))).filter((href) => typeof href === 'string'),
    saveRinging: (hrefs) => write(session, name('ringing'), hrefs),
    loadDraft(conversationHref) {
      const text = read(session, name(`draft.${conversationHref}`));
      return typeof text === 'string' ? text : '';
    },
    saveDraft: (conversationHref, text) => write(session, name(`draft.${conversationHref}`), text || undefined),
  };
}

/** A storage that is full, forbidden or garbled costs the reload's memory, never the chat. */
function read(store: TextStore, key: string): unknown {
  try {
    return JSON.parse(store.getItem(key) ?? 'null');
  } catch {
    return undefined;
  }
}

function write(store: TextStore, key: string, value: unknown): void {
  try {
    if (value === undefined) store.removeItem(key);
    else store.setItem(key, JSON.stringify(value));
  } catch {
    // As above.
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isOutgoing(value: unknown): value is Outgoing {
  if (typeof value !== 'object' || value === null) return false;
  const { operationId, conversationHref, text, typedAt, status } = value as Record<string, unknown>;
  return (
    [operationId, conversationHref, text].every((member) => typeof member === 'string') &&
    typeof typedAt === 'number' &&
    (status === 'waiting' || status === 'accepted' || status === 'failed')
  );
}
