/** The requests behind the commands for the platform: one file a command, chosen here by name. */
import { isGone, UcwaError } from '@repo/ucwa-client/errors';
import type { SendRequest } from '@repo/ucwa-client/request';

export type PlatformRequest = SendRequest & {
  /** Whether a refusal says that what the command wants is so already; then the command has succeeded. */
  readonly isReached?: (error: unknown) => boolean;
};

/** For commands that add something: it is there. */
export function wasThereAlready(error: unknown): boolean {
  return error instanceof UcwaError && error.status === 409 && error.subcode === 'AlreadyExists';
}

/** For commands that end something: there is nothing left to end. */
export function isOver(error: unknown): boolean {
  return isGone(error);
}
