import type { Prisma } from './generated/prisma/client.ts';

/**
 * A value as a JSON column takes it: members that are undefined are left out; U+0000 and half surrogate pairs, which
 * PostgreSQL refuses, become U+FFFD, in names too.
 */
export function toJson(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(toJsonText(value));
}

/** {@link toJson} for statements that cast a text to jsonb. */
export function toJsonText(value: unknown): string {
  // JSON.stringify writes both as escapes, in small letters; a pair that is whole it leaves as it is.
  return JSON.stringify(value ?? {}).replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (written, code: string) =>
    code.length > 1 ? '\ufffd' : written,
  );
}
