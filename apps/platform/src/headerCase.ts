/**
 * Header names in their documented case. HTTP does not care, but the oldest clients look for `Content-Type` to the letter
 * (client-expectations U1), and the framework writes lower case.
 */
import { ServerResponse } from 'node:http';

const words: Readonly<Record<string, string>> = {
  etag: 'ETag',
  fqdn: 'Fqdn',
  id: 'Id',
  ms: 'MS',
  ucwaversion: 'UcwaVersion',
  www: 'WWW',
  diagnostics: 'diagnostics',
};
const exceptions: Readonly<Record<string, string>> = {
  'x-ms-diagnostics': 'X-Ms-diagnostics',
  'client-request-id': 'client-request-id',
};
const known = new Map<string, string>();

/** `x-ms-correlation-id` -> `X-MS-Correlation-Id`. */
export function headerCase(name: string): string {
  const kept = known.get(name);
  if (kept !== undefined) return kept;
  const cased = exceptions[name] ?? name.split('-').map(wordCase).join('-');
  if (known.size < 200) known.set(name, cased);
  return cased;
}

function wordCase(word: string): string {
  return words[word] ?? `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** For `http.createServer`: writes the names in their case. */
class CasedResponse extends ServerResponse {
  override writeHead(status: number, ...rest: unknown[]): this {
    const cased = rest.map((argument) => (isHeaders(argument) ? caseAll(argument) : argument));
    return super.writeHead(status, ...(cased as []));
  }
}

/** The class as `http.createServer` declares it. */
export const casedResponse = CasedResponse as unknown as typeof ServerResponse;

function isHeaders(argument: unknown): argument is Record<string, string> {
  return typeof argument === 'object' && argument !== null && !Array.isArray(argument);
}

function caseAll(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [headerCase(name), value]));
}
