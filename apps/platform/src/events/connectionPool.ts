/**
 * Connections to one origin, one request at a time on each. The one that was used last is used first, so that those above what is
 * needed stay idle and end. undici's own pool opens another connection when a request follows an answer at once, and does not say
 * whether a connection that broke had been used before.
 */
import type { Client } from 'undici';

/** A place for one connection; its client connects again by itself when the connection has ended. */
export interface Line {
  readonly client: Client;
  /** Whether a request was answered on the connection that is open now. */
  hasAnswered: boolean;
}

export interface ConnectionPool {
  /** Runs with a line of its own, at once or when one is free. It has to be given back. */
  take(run: (line: Line) => void): void;
  give(line: Line): void;
  /** Ends every connection, those in use when they are done. */
  close(): void;
}

/** @param max connections that may be open at the same time */
export function createConnectionPool(open: () => Client, max: number): ConnectionPool {
  const lines: Line[] = [];
  const idle: Line[] = [];
  const waiting: ((line: Line) => void)[] = [];
  const makeLine = (): Line => {
    const line: Line = { client: open(), hasAnswered: false };
    line.client.on('connect', () => {
      line.hasAnswered = false;
    });
    lines.push(line);
    return line;
  };
  return {
    take: (run) => {
      const line = idle.pop() ?? (lines.length < max ? makeLine() : undefined);
      if (line === undefined) waiting.push(run);
      else run(line);
    },
    give: (line) => {
      const next = waiting.shift();
      if (next === undefined) idle.push(line);
      else next(line);
    },
    close: () => {
      for (const { client } of lines) client.close(() => undefined);
    },
  };
}
