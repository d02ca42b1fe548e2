/**
 * A commit as text for the journal: one line a write, fields between tabs. Everything that could hold a tab or a line break is
 * JSON. A document that was there before is written as the members that have changed, because hot documents are large and
 * change in one or two of their members; the text of an event goes through as it is, so it comes back to the byte.
 *
 * `d kind id document`, `p kind id changed removed`, `x kind id`, `e channel seq flags sender text`, `q channel throughSeq`,
 * `t timer`, `u name`.
 */
import type { SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import type { Kind } from './store.ts';
import { type Base, isWrittenOnce, WriteSet } from './writeSet.ts';

type Members = Readonly<Record<string, unknown>>;

/** @param before the state that the set was decided upon */
export function linesOf(writes: WriteSet, before: Base): string {
  let text = '';
  for (const { kind, id, document } of writes.documents.values()) {
    const place = `${kind}\t${JSON.stringify(id)}`;
    const previous = isWrittenOnce(kind) ? undefined : (before.get(kind, id) as Members | undefined);
    if (document === undefined) text += `x\t${place}\n`;
    else if (previous === undefined) text += `d\t${place}\t${JSON.stringify(document)}\n`;
    else text += patchLine(place, previous, document as Members);
  }
  for (const [channelId, appended] of writes.appended) {
    const channel = JSON.stringify(channelId);
    for (const event of appended) text += eventLine(channel, event);
  }
  for (const [channelId, through] of writes.trims) text += `q\t${JSON.stringify(channelId)}\t${through}\n`;
  for (const [name, timer] of writes.timers)
    text += timer === undefined ? `u\t${JSON.stringify(name)}\n` : `t\t${JSON.stringify(timer)}\n`;
  return text;
}

function patchLine(place: string, previous: Members, document: Members): string {
  const changed: Record<string, unknown> = {};
  const removed: string[] = [];
  for (const name in document) if (document[name] !== previous[name]) changed[name] = document[name];
  for (const name in previous) if (document[name] === undefined && previous[name] !== undefined) removed.push(name);
  return `p\t${place}\t${JSON.stringify(changed)}\t${removed.length === 0 ? '' : JSON.stringify(removed)}\n`;
}

function eventLine(channel: string, { seq, sender, text, priority, rings, ends }: SequencedEvent): string {
  const flags = `${priority === 'high' ? 'h' : 'm'}${rings ? 'r' : ''}${ends ? 'e' : ''}`;
  return `e\t${channel}\t${seq}\t${flags}\t${JSON.stringify(sender)}\t${text}\n`;
}

/** The writes behind the text. @param before the state that the set was decided upon */
export function writesOf(text: string, before: Base): WriteSet {
  const writes = new WriteSet(before);
  for (const line of text.split('\n')) if (line !== '') readLine(writes, line.split('\t'));
  return writes;
}

function readLine(writes: WriteSet, [operation, first = '', ...fields]: readonly string[]): void {
  if (operation === 'd' || operation === 'p' || operation === 'x') {
    readDocument(writes, operation, first as Kind, fields);
  } else if (operation === 'e') {
    writes.take(parse<string>(first), eventOf(fields));
  } else if (operation === 'q') {
    writes.trim(parse<string>(first), Number(fields[0]));
  } else if (operation === 't') {
    writes.schedule(parse<Timer>(first));
  } else if (operation === 'u') {
    writes.unschedule(parse<string>(first));
  } else {
    throw new Error(`The journal has an unknown operation ${String(operation)}`);
  }
}

function readDocument(writes: WriteSet, operation: string, kind: Kind, fields: readonly string[]): void {
  const [id = '', document = '', removed = ''] = fields;
  const name = parse<string>(id);
  if (operation === 'x') {
    writes.delete(kind, name);
    return;
  }
  const previous = operation === 'p' ? (writes.get(kind, name) as Members | undefined) : undefined;
  const written: Record<string, unknown> = { ...previous, ...parse<Members>(document) };
  for (const member of removed === '' ? [] : parse<string[]>(removed)) delete written[member];
  writes.put(kind, name, written as unknown as Documents[Kind]);
}

function eventOf([seq = '', flags = '', sender = '', text = '']: readonly string[]): SequencedEvent {
  return {
    seq: Number(seq),
    sender: parse<SequencedEvent['sender']>(sender),
    text,
    priority: flags.startsWith('h') ? 'high' : 'medium',
    ...(flags.includes('r') ? { rings: true as const } : {}),
    ...(flags.includes('e') ? { ends: true as const } : {}),
  };
}

const parse = <T>(json: string): T => JSON.parse(json) as T;
