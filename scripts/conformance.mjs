// pnpm conformance: the protocol tests alone, against CONFORMANCE_BASE_URL or a platform of their own.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { close, conformance, runAll } from './checks.mjs';
import { ensureInstalled } from './install.mjs';
import { root } from './run.mjs';

const sameAddress = (a, b) => a.replace(/\/+$/, '').toLowerCase() === b.replace(/\/+$/, '').toLowerCase();

/** The platform that `npm start` runs here needs no further words: its operator token lies beside its data. */
function operatorTokenFor(baseUrl) {
  const folder = resolve(process.env.DATA_DIR || `${root}/.data`);
  const read = (name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
  if (!existsSync(`${folder}/endpoints.json`)) return undefined;
  return sameAddress(read('endpoints.json').platformUrl, baseUrl) ? read('secrets.json').operatorToken : undefined;
}

await ensureInstalled();
const {
  CONFORMANCE_BASE_URL: baseUrl,
  CONFORMANCE_OPERATOR_TOKEN: given,
  CONFORMANCE_TOKEN_URL: registered,
} = process.env;
if (!baseUrl) {
  await ensureBuilt();
} else if (!given && !registered) {
  const token = operatorTokenFor(baseUrl);
  if (token !== undefined) process.env.CONFORMANCE_OPERATOR_TOKEN = token;
}
close(await runAll([conformance]));
