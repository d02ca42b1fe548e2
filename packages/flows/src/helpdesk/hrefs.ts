/** Hrefs of the wire: made absolute once, compared by one rule. */
import { storableText } from './storableText.ts';

// The WHATWG class is in every runtime; the language's own library does not declare it.
declare const URL: new (
  href: string,
  base?: string,
) => { readonly href: string; readonly origin: string; readonly protocol: string };

/**
 * The authority against which the hrefs of a batch resolve (reference/events.md 1: use the authority only).
 * @returns undefined when the text is no absolute http(s) URL.
 */
export function authorityOf(baseuri: unknown): string | undefined {
  if (typeof baseuri !== 'string') return undefined;
  try {
    const url = new URL(baseuri);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.origin : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes an href absolute. Data links stay as they are; a literal `\u0026` (captures escape twice) is read as `&`.
 * @returns undefined when it is relative and there is nothing to resolve it against, or when it is no href at all.
 */
export function resolveHref(authority: string | undefined, href: string): string | undefined {
  if (/^data:/i.test(href)) return href;
  const text = href.replaceAll('\\u0026', '&');
  try {
    return authority === undefined ? new URL(text).href : new URL(text, authority).href;
  } catch {
    return undefined;
  }
}

/** Whether two absolute hrefs name the same resource: letter case and the order of query parameters do not count. */
export function sameHref(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && right !== undefined && (left === right || comparable(left) === comparable(right));
}

function comparable(href: string): string {
  const [path = '', query = ''] = href.toLowerCase().split('?', 2);
  return `${path}?${query.split('&').sort().join('&')}`;
}

/** The sip (or tel) uri in a participant's path `…/participants/ann@contoso.com` (reference/service-api.md 14). */
export function participantUriOf(href: string): string | undefined {
  const segment = /\/(?:bridged)?participants\/([^/?#]+)/i.exec(href)?.[1];
  if (segment === undefined) return undefined;
  let id = segment;
  try {
    id = decodeURIComponent(segment);
  } catch {
    // A stray percent sign: the raw segment still names the person.
  }
  id = storableText(id);
  return /^(sips?|tel):/i.test(id) ? id.toLowerCase() : `sip:${id.toLowerCase()}`;
}
