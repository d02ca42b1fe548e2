/** Where a chat outlives a reload: one item of sessionStorage, written in one go, gone with the tab. */
import { type ChatState, initialState, isLive } from './chatState.ts';

/** The part of the DOM's Storage that is used. */
export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface ChatStorage {
  load(): ChatState | undefined;
  save(state: ChatState): void;
}

/**
 * Keeps the chat of one helpdesk. A page that forbids storage, or a full one, costs the visitor the reload and
 * nothing else: the chat goes on in memory.
 */
export function createStorage(store: KeyValueStore | undefined, key: string): ChatStorage {
  return {
    load() {
      const text = attempt(() => store?.getItem(key));
      const saved = text ? attempt(() => JSON.parse(text) as { state?: Partial<ChatState> }) : undefined;
      const state = saved?.state;
      return state?.version === initialState.version ? { ...initialState, ...state } : undefined;
    },
    save(state) {
      attempt(() => store?.setItem(key, JSON.stringify({ live: isLive(state), state })));
    },
  };
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
