// Secrets: made at the first start, kept beside the data, readable by their owner alone.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file that only its owner may read; a reader sees the old file or the new one, never half of it. */
export function writePrivate(file, value) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`;
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

const secret = () => randomBytes(32).toString('base64url');

/** The secrets of this data folder, made when they do not exist. */
export function loadSecrets(dataDir, emails) {
  const file = `${dataDir}/secrets.json`;
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const secrets = {
    operatorToken: kept.operatorToken ?? secret(),
    nextAuthSecret: kept.nextAuthSecret ?? secret(),
    clientSecret: kept.clientSecret ?? secret(),
    passwords: Object.fromEntries(
      emails.map((email) => [email, kept.passwords?.[email] ?? randomBytes(9).toString('base64url')]),
    ),
  };
  writePrivate(file, secrets);
  return secrets;
}
