/**
 * Compares a representation with a captured payload: the same members, links, embedded resources and JSON types.
 * Texts, ids and dates may differ; `rel` and `type` may not. What the server has in addition is reported, not refused.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface ShapeDifferences {
  /** What the captured payload has and the representation has not, or has with another type. */
  readonly missing: string[];
  readonly extra: string[];
}

/** Captured links to audio, sharing, mute and extensions, which a server for text may leave out (service-api.md 9). */
const outOfScope = new Set([
  'startAudio',
  'startAudioVideo',
  'applicationSharing',
  'audioVideo',
  'dataCollaboration',
  'enableAudienceMuteLock',
  'enableConversationExtension',
  'enableBroadcastingExtension',
]);

/** A privileged application gets one of the two, any other the other (service-api.md 5). */
const alternatives = new Map([
  ['startMessagingWithIdentity', 'startMessaging'],
  ['startMessaging', 'startMessagingWithIdentity'],
]);

const prefixes = ['ms:rtc:saas:', 'service:'];

/** A rel without the prefix of the service side. */
function wordOf(rel: string): string {
  const prefix = prefixes.find((candidate) => rel.startsWith(candidate));
  return prefix === undefined ? rel : rel.slice(prefix.length);
}

/** A captured payload by its file name without `.json`. */
export function sample(name: string): Record<string, unknown> {
  const file = path.join(import.meta.dirname, '../samples', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

type Members = Readonly<Record<string, unknown>>;

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

/** Prefixes of rels are a setting of the server: keys are compared by their word. */
function byWord(members: Members): Map<string, unknown> {
  return new Map(Object.entries(members).map(([name, value]) => [wordOf(name), value]));
}

/** How a representation differs from a captured payload; see the head of this file. */
export function compareShape(actual: unknown, captured: unknown): ShapeDifferences {
  const missing: string[] = [];
  const extra: string[] = [];
  compare(actual, captured, '');

  function compare(mine: unknown, theirs: unknown, at: string): void {
    if (kindOf(mine) !== kindOf(theirs)) {
      missing.push(`${at}: ${kindOf(theirs)} expected, ${kindOf(mine)} found`);
    } else if (Array.isArray(mine) && Array.isArray(theirs)) {
      const [first] = theirs;
      if (first === undefined) return;
      if (mine.length === 0 && isMembers(first)) missing.push(`${at}[0]`);
      for (const [index, element] of mine.entries()) compare(element, theirs[index] ?? first, `${at}[${index}]`);
    } else if (isMembers(mine) && isMembers(theirs)) {
      compareMembers(mine, theirs, at);
    } else if (/\.(rel|type|status|direction)$/.test(at) && wordOf(String(mine)) !== wordOf(String(theirs))) {
      missing.push(`${at}: ${String(theirs)} expected, ${String(mine)} found`);
    } else if (/\.href$/.test(at) && /^https?:/.test(String(theirs)) && !/^https?:/.test(String(mine))) {
      missing.push(`${at}: an absolute address expected, ${String(mine)} found`);
    }
  }

  function compareMembers(mine: Members, theirs: Members, at: string): void {
    const have = byWord(mine);
    const wanted = byWord(theirs);
    for (const [name, value] of wanted) {
      const other = alternatives.get(name);
      if (have.has(name)) compare(have.get(name), value, `${at}.${name}`);
      else if (other !== undefined && have.has(other)) compare(have.get(other), value, `${at}.${other}`);
      else if (!outOfScope.has(name)) missing.push(`${at}.${name}`);
    }
    for (const name of have.keys())
      if (!wanted.has(name) && !wanted.has(alternatives.get(name) ?? name)) extra.push(`${at}.${name}`);
  }

  return { missing, extra };
}

/** A batch with one event only, as the captures have it. */
export function singleEvent(batch: Members, sender: Members, event: unknown): Members {
  return { ...batch, sender: [{ ...sender, events: [event] }] };
}
