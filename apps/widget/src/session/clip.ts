/**
 * The beginning of a text, as well-formed text: never half a character at its end, and what was broken before (pages cut
 * their titles anywhere) becomes U+FFFD. A server refuses anything else.
 * @param max UTF-16 units
 */
export function clip(text: string, max: number): string {
  return text
    .slice(0, max)
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}
