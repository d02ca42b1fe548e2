/** Keeps pages of other origins from using a signed-in person's cookie to change something. */

/**
 * Whether a request comes from one of our own pages. Browsers set these headers themselves; a page cannot forge them.
 * @param headers of the request; `Sec-Fetch-Site` decides, an older browser's `Origin` is compared with the host.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = headers.get('origin');
  if (origin === null || !URL.canParse(origin)) return false;
  return new URL(origin).host === headers.get('host');
}
