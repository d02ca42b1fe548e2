/** How long a P-GET waits: for anything at all, and for events that are in no hurry (reference/events.md 3). */
import type { Clock } from '../clock.ts';
import type { Channel, SequencedEvent } from '../model/channel.ts';

export type PollSettings = NonNullable<Channel['settings']>;
type Setting = keyof PollSettings;

/** Seconds: least, most, default. */
const ranges = { low: [5, 1800, 15], medium: [5, 1800, 5], timeout: [180, 1800, 180] } as const;

/** What a GET asks for, clamped; what it does not name stays as it was remembered. */
export function pollSettings(
  remembered: PollSettings | undefined,
  asked: (name: Setting) => string | undefined,
): PollSettings {
  const settings = { ...remembered };
  for (const name of Object.keys(ranges) as Setting[]) {
    const [least, most] = ranges[name];
    const seconds = Number(asked(name) ?? Number.NaN);
    if (Number.isFinite(seconds)) settings[name] = Math.min(most, Math.max(least, seconds));
  }
  return settings;
}

export class Patience {
  readonly #clock: Clock;
  readonly #settings: PollSettings;
  readonly #endsAt: number;
  #mediumEndsAt: number | undefined;
  #ended = false;

  constructor(clock: Clock, settings: PollSettings) {
    this.#clock = clock;
    this.#settings = settings;
    this.#endsAt = clock.now() + this.#ms('timeout');
  }

  isOver(): boolean {
    return this.#ended || this.#clock.now() >= this.#endsAt;
  }

  end(): void {
    this.#ended = true;
  }

  /** Whether these may go now: one in a hurry takes all others along. */
  isRipe(events: readonly SequencedEvent[]): boolean {
    if (events.some((event) => event.priority === 'high')) return true;
    if (events.length === 0) return false;
    const now = this.#clock.now();
    this.#mediumEndsAt ??= now + this.#ms('medium');
    return this.#ended || now >= this.#mediumEndsAt;
  }

  leftMs(): number {
    return Math.max(0, Math.min(this.#endsAt, this.#mediumEndsAt ?? this.#endsAt) - this.#clock.now());
  }

  #ms(setting: Setting): number {
    return (this.#settings[setting] ?? ranges[setting][2]) * 1000;
  }
}
