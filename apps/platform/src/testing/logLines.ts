/** A log that tests can read. */
import type { AppOptions } from '../app.ts';

export interface LogLines {
  /** For `logger` of the app. */
  readonly options: NonNullable<AppOptions['logger']>;
  lines(): Record<string, unknown>[];
}

export function createLogLines(): LogLines {
  const texts: string[] = [];
  return {
    options: { level: 'info', stream: { write: (text: string) => texts.push(text) } },
    lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>),
  };
}
