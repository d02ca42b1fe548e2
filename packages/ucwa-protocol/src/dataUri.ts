/** The `data:` links that carry texts (reference/service-api.md 13): form-style percent encoding of UTF-8. */

/** Writes a data link: `data:text/plain;charset=utf-8,Hello+there`. */
export function toDataUri(contentType: string, text: string): string {
  const payload = encodeURIComponent(text)
    .replace(/[!'()*~]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
    .replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())
    .replace(/%20/g, '+');
  return `data:${contentType},${payload}`;
}

export interface DataUriContent {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Reads a data link, plain or base64.
 * @returns undefined when the text is no data link or its payload cannot be decoded.
 */
export function fromDataUri(href: string): DataUriContent | undefined {
  const match = /^data:([^,]*),([\s\S]*)$/i.exec(href);
  if (!match) return undefined;
  const header = match[1] ?? '';
  const payload = match[2] ?? '';
  const base64 = /;base64$/i.test(header);
  const contentType = header.replace(/;base64$/i, '') || 'text/plain';
  try {
    return { contentType, text: base64 ? decodeBase64(payload) : decodeURIComponent(payload.replace(/\+/g, ' ')) };
  } catch {
    return undefined;
  }
}

declare const atob: (data: string) => string;
declare const TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };

function decodeBase64(payload: string): string {
  const bytes = Uint8Array.from(atob(decodeURIComponent(payload)), (mark) => mark.charCodeAt(0));
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}
