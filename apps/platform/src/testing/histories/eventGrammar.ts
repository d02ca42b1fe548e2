/**
 * What a reader of one channel may be told, and in which order (reference/events.md 2 and 5, reference/client-expectations.md S6, S8):
 * an operation starts once and completes once, what is there was added once and goes once, and after the end of a conversation
 * nothing more is said of it.
 */
import type { WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { wordOf } from '@repo/ucwa-protocol/rels';

export interface Told {
  readonly sender: string;
  readonly event: WireEvent;
}

/** Words of what comes and goes; with `in` it is a membership of its own. */
const comesAndGoes = ['participant', 'participantMessaging', 'bridgedParticipant', 'conversationBridge'];

/** @returns every breach, in words */
export function breaches(told: readonly Told[]): string[] {
  const wrong: string[] = [];
  const present = new Map<string, string>();
  const dead = new Set<string>();
  for (const { sender, event } of told) {
    const word = wordOf(event.link.rel);
    const say = (what: string): void => {
      wrong.push(`${word} ${event.type} ${event.link.href}: ${what}`);
    };
    const conversation = conversationOf(sender, event, word);
    if (conversation !== undefined && dead.has(conversation)) say('said after the end');
    if (word === 'conversation' && event.type === 'deleted') dead.add(conversation ?? '');
    if (word.endsWith('Invitation')) ofInvitation(event, present, say);
    else if (word === 'message') ofMessage(event, present, say);
    else if (word === 'conversation') once(event, present, say);
    else if (comesAndGoes.includes(word)) comeAndGo(event, present, say);
    if (event.type === 'deleted' && event._embedded !== undefined) say('shows what is gone');
  }
  return wrong;
}

type Present = Map<string, string>;
type Say = (what: string) => void;

function ofInvitation(event: WireEvent, present: Present, say: Say): void {
  const was = present.get(event.link.href);
  const is = event.type;
  if (is === 'started' ? was !== undefined : was !== 'started') say(`after ${was ?? 'nothing'}`);
  if (is === 'completed' && event.status === undefined) say('without a status');
  if (is === 'completed' && event.status === 'Failure' && event.reason === undefined) say('without a reason');
  if (is !== 'completed' && event.status !== undefined) say('with a status');
  const state = event._embedded?.[event.link.rel]?.state;
  const expected = is !== 'completed' ? 'Connecting' : event.status === 'Success' ? 'Connected' : 'Failed';
  if (state !== expected) say(`in state ${String(state)}`);
  present.set(event.link.href, is);
}

/** Sent is sent; that it was not fetched may be told afterwards, once (reference/call-flow.md F5). */
function ofMessage(event: WireEvent, present: Present, say: Say): void {
  const was = present.get(event.link.href);
  const is = `${event.type} ${event.status ?? ''}`;
  if (is === 'completed Success' ? was !== undefined : was !== 'completed Success')
    say(`${is} after ${was ?? 'nothing'}`);
  present.set(event.link.href, is);
}

/** A conversation that rings in is updated or deleted without having been added only for an SA that was told by the invitation. */
function once(event: WireEvent, present: Present, say: Say): void {
  const was = present.get(event.link.href);
  if (event.type === 'added' ? was !== undefined : was === undefined) say(`after ${was ?? 'nothing'}`);
  present.set(event.link.href, event.type);
}

function comeAndGo(event: WireEvent, present: Present, say: Say): void {
  // A typing participant is another membership than the roster's.
  const owner = event.in === undefined || event.type === 'updated' ? '' : wordOf(event.in.rel);
  const key = `${owner === 'typingParticipants' ? 'typing ' : ''}${event.link.href}`;
  const isThere = present.has(key);
  if (event.type === 'added' ? isThere : !isThere) say(isThere ? 'it is there already' : 'it was never there');
  if (event.type === 'deleted') present.delete(key);
  else present.set(key, event.type);
}

/** The conversation that an event belongs to, by its path. */
function conversationOf(sender: string, event: WireEvent, word: string): string | undefined {
  const inSender = pathOfConversation(sender);
  if (inSender !== undefined) return inSender;
  if (word === 'conversation') return pathOfConversation(event.link.href);
  const links = (event._embedded?.[event.link.rel] as Resource | undefined)?._links ?? {};
  const link = Object.entries(links).find(([rel]) => wordOf(rel) === 'conversation')?.[1];
  return link === undefined || Array.isArray(link) ? undefined : pathOfConversation((link as { href: string }).href);
}

const pathOfConversation = (href: string): string | undefined => /\/conversations\/[^/?]+/.exec(href)?.[0];
