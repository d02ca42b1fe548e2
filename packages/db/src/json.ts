import type { Prisma } from './generated/prisma/client.ts';

/** A value as a JSON column takes it: members that are undefined are left out. */
export function toJson(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value ?? {}));
}
