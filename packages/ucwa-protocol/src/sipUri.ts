/** SIP uris, the addresses of people, endpoints and meetings. */

const pattern = /^sips?:[^\s@<>]+@[a-z0-9.-]+(;[^\s]*)?$/i;

export function isSipUri(text: string): boolean {
  return pattern.test(text);
}

/**
 * Lower case, parameters kept: the form in which people and endpoints are compared. A uri has no blanks; one that came through a
 * query was a `+`.
 */
export function normalizeSipUri(text: string): string {
  return text.trim().toLowerCase().replaceAll(' ', '+');
}

/** The path form `user@domain` of a person's uri (reference/service-api.md 14). */
export function participantPath(uri: string): string {
  return normalizeSipUri(uri).replace(/^sips?:/, '');
}

/** The domain part, which names the tenant. */
export function sipDomain(uri: string): string {
  return (participantPath(uri).split('@')[1] ?? '').split(';')[0] ?? '';
}
