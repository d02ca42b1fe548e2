/** What a decision sees: documents, the time, new ids; and what it may cause: events and timers. */
import type { Timer } from './channel.ts';
import type { Documents } from './documents.ts';
import type { Emission } from './emission.ts';

export type Kind = keyof Documents;

/** Reading only; the store's Snapshot is one. */
export interface Look {
  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined;
}

/** Durations in milliseconds. */
export interface ModelSettings {
  readonly ringTimeoutMs: number;
  /** Living conversations that one visitor's application may have (reference/call-flow.md F26). */
  readonly maxVisitorConversations: number;
  /** The same for an agent's; asked for when it starts another one. */
  readonly maxAgentConversations: number;
  readonly typingMs: number;
  readonly meetingLifetimeMs: number;
  readonly undeliveredMs: number;
  /** How long what has ended is remembered. */
  readonly rememberMs: number;
  readonly maxApplicationsPerPerson: number;
  /** Living meetings that one organizer was made by adhocMeetings; nobody has to be in them, so nothing else bounds them. */
  readonly maxOnlineMeetings: number;
  /** Visitors and persons in one meeting, those who are being called in included. */
  readonly maxMeetingParticipants: number;
}

/** reference/call-flow.md F3, F5, F7; reference/service-api.md 12. */
export const defaultSettings: ModelSettings = {
  ringTimeoutMs: 30_000,
  maxVisitorConversations: 3,
  maxAgentConversations: 200,
  typingMs: 10_000,
  meetingLifetimeMs: 8 * 3_600_000,
  undeliveredMs: 30_000,
  rememberMs: 24 * 3_600_000,
  maxApplicationsPerPerson: 10,
  maxOnlineMeetings: 1_000,
  maxMeetingParticipants: 250,
};

export interface World extends Look {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly settings: ModelSettings;
  newId(): string;
  put<K extends Kind>(kind: K, id: string, document: Documents[K]): void;
  delete(kind: Kind, id: string): void;
  /** @returns the place of the event in its channel. */
  emit(emission: Emission): number;
  schedule(timer: Timer): void;
  unschedule(name: string): void;
}

/** The part of a store's transaction that a decision writes through. */
export interface TransactionLike extends Look {
  put<K extends Kind>(kind: K, id: string, document: Documents[K]): void;
  delete(kind: Kind, id: string): void;
  schedule(timer: Timer): void;
  unschedule(name: string): void;
}

export interface WorldOptions {
  readonly now: number;
  readonly newId: () => string;
  /** Renders the emission against the documents as they are at this moment, appends it, and answers its place. */
  readonly emit: (emission: Emission, look: Look) => number;
  readonly settings?: Partial<ModelSettings>;
}

/** A world over a transaction. Documents are read from it once and then remembered. */
export function createWorld(transaction: TransactionLike, options: WorldOptions): World {
  const seen = new Map<string, unknown>();
  const key = (kind: Kind, id: string) => `${kind}\n${id}`;
  const world: World = {
    now: options.now,
    settings: { ...defaultSettings, ...options.settings },
    newId: options.newId,
    get<K extends Kind>(kind: K, id: string): Documents[K] | undefined {
      const place = key(kind, id);
      if (!seen.has(place)) seen.set(place, transaction.get(kind, id));
      return seen.get(place) as Documents[K] | undefined;
    },
    put(kind, id, document) {
      seen.set(key(kind, id), document);
      transaction.put(kind, id, document);
    },
    delete(kind, id) {
      seen.set(key(kind, id), undefined);
      transaction.delete(kind, id);
    },
    emit: (emission) => options.emit(emission, world),
    schedule: (timer) => transaction.schedule(timer),
    unschedule: (name) => transaction.unschedule(name),
  };
  return world;
}
