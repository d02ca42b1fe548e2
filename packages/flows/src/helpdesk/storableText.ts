/**
 * A text that the record can hold: PostgreSQL takes neither U+0000 nor half of a surrogate pair, and one such mark from
 * a visitor would cost the whole batch. Each becomes U+FFFD.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');
}
