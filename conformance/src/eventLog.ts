/** What one receiver was told, in the order in which it was told, with waits that have a deadline. */
import type { Link, Resource } from './hal.ts';
import { nextMoment } from './wire.ts';

export interface EventLink extends Link {
  readonly rel: string;
}

export interface WireEvent {
  readonly link: EventLink;
  readonly in?: EventLink;
  readonly status?: string;
  readonly reason?: { readonly code?: string; readonly subcode?: string };
  readonly _embedded?: Readonly<Record<string, Resource>>;
  readonly type: string;
}

export interface EventBatch {
  readonly _links?: Readonly<Record<string, Link>>;
  readonly sender?: readonly { readonly rel: string; readonly href: string; readonly events: readonly WireEvent[] }[];
  readonly baseuri?: string;
}

/** One event with what stood around it. */
export interface Occurrence {
  readonly at: number;
  readonly batch: EventBatch;
  readonly sender: { readonly rel: string; readonly href: string };
  readonly event: WireEvent;
  /** The embedded resource, or an empty object. */
  readonly resource: Resource;
}

export interface Match {
  readonly rel?: string;
  readonly type?: string;
  /** Rel of the sender. */
  readonly sender?: string;
  /** Rel of `in`; null means that there is none. */
  readonly in?: string | null;
  readonly where?: (occurrence: Occurrence) => boolean;
}

function matches(occurrence: Occurrence, match: Match): boolean {
  const { event, sender } = occurrence;
  if (match.rel !== undefined && event.link.rel !== match.rel) return false;
  if (match.type !== undefined && event.type !== match.type) return false;
  if (match.sender !== undefined && sender.rel !== match.sender) return false;
  if (match.in === null && event.in !== undefined) return false;
  if (typeof match.in === 'string' && event.in?.rel !== match.in) return false;
  return match.where?.(occurrence) ?? true;
}

export class EventLog {
  readonly occurrences: Occurrence[] = [];
  readonly batches: EventBatch[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  add(batch: EventBatch): void {
    this.batches.push(batch);
    for (const block of batch.sender ?? [])
      for (const event of block.events)
        this.occurrences.push({
          at: nextMoment(),
          batch,
          sender: { rel: block.rel, href: block.href },
          event,
          resource: event._embedded?.[event.link.rel] ?? {},
        });
    for (const wake of [...this.#waiting]) wake();
  }

  all(match: Match): Occurrence[] {
    return this.occurrences.filter((occurrence) => matches(occurrence, match));
  }

  /** The first event that matches, now or before the deadline (ms). @throws Error that lists what came instead. */
  wait(match: Match, deadlineMs = 6_000): Promise<Occurrence> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.occurrences.find((occurrence) => matches(occurrence, match));
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const wanted = [match.sender, match.rel, match.type, match.in].filter((part) => part !== undefined).join(' ');
        reject(new Error(`${this.#name}: no event ${wanted}. Seen:\n${this.describe()}`));
      }, deadlineMs);
      this.#waiting.add(look);
      look();
    });
  }

  describe(): string {
    const lines = this.occurrences.map(({ sender, event, resource }) => {
      const membership = event.in === undefined ? '' : ` in ${event.in.rel}`;
      const details = [resource.direction, resource.state, event.status, event.reason?.code, event.reason?.subcode];
      const words = details.filter((word) => word !== undefined).join(' ');
      return `  ${sender.rel}: ${event.link.rel} ${event.type}${membership} ${words}`;
    });
    return lines.join('\n') || '  nothing';
  }
}
