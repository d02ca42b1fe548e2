/** A word of the record as people read it: `visitorLeft` -> `visitor left`. */
export function reasonText(reason: string): string {
  return reason.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}
