/** Numbers made of new ids, for resources whose id is numeric on the wire. They identify; they do not authorise. */

/**
 * A decimal id derived from an unguessable one.
 * @param taken asks whether a candidate is in use
 */
export function numericId(id: string, taken: (candidate: string) => boolean): string {
  let candidate = hash(id);
  while (taken(candidate)) candidate = hash(`${id}:${candidate}`);
  return candidate;
}

/** A meeting key: ten letters and digits, the only form that clients can turn into a uri (client-expectations U25). */
export function meetingKey(id: string, taken: (candidate: string) => boolean): string {
  const toKey = (text: string) => Number(hash(text)).toString(36).toUpperCase().padStart(10, '0').slice(-10);
  let candidate = toKey(id);
  while (taken(candidate)) candidate = toKey(`${id}:${candidate}`);
  return candidate;
}

/** Two FNV-1a hashes over the text, joined to at most 53 bits. */
function hash(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193) >>> 0;
    high = Math.imul(high ^ (unit + index), 0x85ebca6b) >>> 0;
  }
  return String((high & 0x1fffff) * 0x1_0000_0000 + low);
}
