/** Checks that many steps share. */
import { expect } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import type { Answer } from './wire.ts';

/** Both id headers and the echo of the caller's own, on every answer (auth.md 5, client-expectations S4, S29). */
export function expectIdHeaders(answer: Answer): void {
  expect(answer.headers['x-ms-correlation-id'], 'X-MS-Correlation-Id').toMatch(/\S/);
  expect(answer.headers['x-ms-server-fqdn'], 'X-MS-Server-Fqdn').toMatch(/\S/);
  expect(answer.headers['client-request-id'], 'client-request-id').toBe(answer.requestId);
}

/** JSON with an unquoted charset (client-expectations U1, S30). */
export function expectJson(answer: Answer, status: number): void {
  expect(answer.status, answer.text).toBe(status);
  expectIdHeaders(answer);
  expect(answer.headers['content-type']).toMatch(/^application\/json(; ?charset=utf-8)?$/i);
}

/** An answer without a body and therefore without Content-Type (client-expectations 4.7). */
export function expectEmpty(answer: Answer, status: number): void {
  expect(answer.status, answer.text).toBe(status);
  expectIdHeaders(answer);
  expect(answer.text).toBe('');
  expect(answer.headers['content-type']).toBeUndefined();
}

/** A created resource: 201 with `Location`. Gives the absolute address. */
export function expectCreated(answer: Answer): string {
  expect(answer.status, answer.text).toBe(201);
  expectIdHeaders(answer);
  expect(answer.headers.location, 'Location').toMatch(/\S/);
  return new URL(String(answer.headers.location), answer.url).href;
}

/** What a browser needs to read an answer (auth.md 4). */
export function expectCors(answer: Answer, origin: string): void {
  expect(answer.headers['access-control-allow-origin']).toBe(origin);
  expect(answer.headers.vary ?? '').toMatch(/\borigin\b/i);
  const exposed = (answer.headers['access-control-expose-headers'] ?? '').toLowerCase().split(/, ?/);
  for (const name of ['location', 'etag', 'retry-after', 'x-ms-diagnostics', 'x-ms-correlation-id'])
    expect(exposed).toContain(name);
}

/** The error body of errors.md with its status. */
export function expectRefusal(answer: Answer, status: number, code: string, subcode?: string): void {
  expect(answer.status, answer.text).toBe(status);
  expectIdHeaders(answer);
  expect(answer.headers['content-type']).toMatch(/^application\/json(; ?charset=utf-8)?$/i);
  expect(answer.resource.code).toBe(code);
  if (subcode !== undefined) expect(answer.resource.subcode).toBe(subcode);
}

/** Events of one receiver in the order in which they are listed. */
export function expectOrder(...occurrences: readonly Occurrence[]): void {
  const name = ({ event }: Occurrence): string => `${event.link.rel} ${event.type}`;
  const sorted = [...occurrences].sort((a, b) => a.at - b.at);
  expect(sorted.map(name)).toEqual(occurrences.map(name));
}

/** Every `href` of a JSON value that names a resource (data links left out). */
export function hrefsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(hrefsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'href' && typeof inner === 'string' && !inner.startsWith('data:') ? [inner] : hrefsIn(inner),
  );
}

/**
 * One resource always has one spelling, query included (service-api.md 0, client-expectations S10). The application's
 * own href is the exception in the captures: its `self` escapes the endpoint, the link to it does not.
 */
export function expectOneSpelling(hrefs: readonly string[]): void {
  const spellings = new Map<string, Set<string>>();
  for (const href of hrefs) {
    if (/\/applications\/[^/?]+(\?[^?]*)?$/i.test(href)) continue;
    const url = new URL(href, 'http://host.invalid');
    const query = [...url.searchParams].map((pair) => pair.join('=')).sort();
    const identity = `${decodeURIComponent(url.pathname)}?${query.join('&')}`.toLowerCase();
    spellings.set(identity, (spellings.get(identity) ?? new Set()).add(url.pathname + url.search));
  }
  const doubled = [...spellings.values()].filter((texts) => texts.size > 1).map((texts) => [...texts]);
  expect(doubled).toEqual([]);
}
