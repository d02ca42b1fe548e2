/** Secrets that are made at the first start and shared by every node of one platform, by name. */
import { join } from 'node:path';
import { readIfThere, readOrCreateSecret, replaceSecret } from './secretFile.ts';

export interface SecretStore {
  /** @returns undefined when there is none */
  read(name: string): Promise<string | undefined>;
  readOrCreate(name: string, make: () => Promise<string>): Promise<string>;
  /** Compares and sets. @returns false when the secret is no longer the expected one */
  replace(name: string, expected: string, text: string): Promise<boolean>;
}

/** Files beside the data, readable by their owner only; for a folder that one process uses. */
export function fileSecrets(folder: string): SecretStore {
  let last: Promise<unknown> = Promise.resolve();
  const replace = async (name: string, expected: string, text: string): Promise<boolean> => {
    if ((await readIfThere(join(folder, name))) !== expected) return false;
    await replaceSecret(folder, name, text);
    return true;
  };
  return {
    read: (name) => readIfThere(join(folder, name)),
    readOrCreate: (name, make) => readOrCreateSecret(folder, name, make),
    replace: (name, expected, text) => {
      const done = last.then(() => replace(name, expected, text));
      last = done.catch(() => undefined);
      return done;
    },
  };
}
