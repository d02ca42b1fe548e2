/** Dates on the wire: `/Date(ms)/` is written, ISO 8601 is read too (reference/service-api.md 0). */

/** @param ms milliseconds since 1970 */
export function toWireDate(ms: number): string {
  return `/Date(${ms})/`;
}

/** @returns milliseconds since 1970, or undefined when the text is neither form. */
export function fromWireDate(text: string): number | undefined {
  const match = /^\\?\/Date\((-?\d+)\)\\?\/$/.exec(text);
  if (match) return Number(match[1]);
  const iso = Date.parse(text);
  return Number.isNaN(iso) ? undefined : iso;
}
