/** Durations as clients write them: ISO 8601 (`PT5M`) or a .NET TimeSpan (`00:05:00`, `1.02:03:04`). */

const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const timeSpan = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/;

/** @returns milliseconds, undefined when the text is no duration */
export function parseDuration(text: string): number | undefined {
  const match = iso.exec(text.trim()) ?? timeSpan.exec(text.trim());
  if (match === null || !/\d/.test(text)) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}
