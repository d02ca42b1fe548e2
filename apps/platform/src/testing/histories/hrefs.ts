/** Every address that an event hands out, and which of them mean the same resource. */
import type { Told } from './eventGrammar.ts';

export function hrefsOf({ sender, event }: Told): string[] {
  const found = [sender];
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) look(one);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        if (name === 'href' && typeof member === 'string') found.push(member);
        else look(member);
      }
    }
  };
  look(event);
  return found.filter((href) => !href.startsWith('data:'));
}

/** A text that is equal for every spelling of one address: escapes, case and the order of the query do not matter. */
export function sameResource(href: string): string {
  const [path = '', query = ''] = href.split('?');
  const parameters = query
    .split('&')
    .map((one) => decodeURIComponent(one).toLowerCase())
    // Who asks is no part of what is asked for.
    .filter((one) => one !== '' && !one.startsWith('endpointid='))
    .toSorted();
  return `${decodeURIComponent(path).toLowerCase()}?${parameters.join('&')}`;
}
