/** Which message goes into which of the two records (architecture, "Two record tables"). */
import { operationIdOf, type RecordVisitorMessage } from './commands.ts';
import type { HelpdeskContext, SentText } from './context.ts';
import type { MessageEvent } from './events.ts';
import { sameHref } from './hrefs.ts';
import { note, order } from './issue.ts';
import type { HelpdeskSettings } from './settings.ts';

export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly settings: HelpdeskSettings;
}

/**
 * Records a completed message: of C1 as a visitor message, of C2 as an internal one. The visitor's own messages are
 * skipped on C2, because C1 reports them too.
 * @param moment its time stands in for a time stamp that cannot be read; its settings name the helpdesk
 */
export function recordMessage(context: HelpdeskContext, event: MessageEvent, moment: Moment): HelpdeskContext {
  if (event.type !== 'message.completed') return context;
  return event.leg === 'C1' ? recordOnC1(context, event, moment) : recordOnC2(context, event, moment);
}

function recordOnC1(context: HelpdeskContext, event: MessageEvent, moment: Moment): HelpdeskContext {
  const own = event.direction === 'Outgoing' ? ownText(context, event) : undefined;
  const text = event.text ?? own?.text;
  if (text === undefined) return event.direction === 'Outgoing' ? postpone(context, event, moment) : context;
  const author = authorOf(event, own);
  const recorded = order(context, {
    name: 'recordVisitorMessage',
    ...common(event, text, moment),
    ...(event.author?.uri === undefined || author === 'helpdesk' ? {} : { authorUri: event.author.uri }),
    author,
    authorName: authorNameOf(context, event, author, moment),
  });
  if (event.outcome === 'Failure') return note(recorded, 'Recorded that a message did not reach the visitor');
  return note(recorded, `Recorded a message ${event.direction === 'Incoming' ? 'from' : 'to'} the visitor`);
}

function recordOnC2(context: HelpdeskContext, event: MessageEvent, moment: Moment): HelpdeskContext {
  if (event.text === undefined || isVisitor(context, event)) return context;
  const recorded = order(context, {
    name: 'recordInternalMessage',
    ...common(event, event.text, moment),
    ...(event.author?.uri === undefined ? {} : { authorUri: event.author.uri }),
    authorName: event.author?.name ?? event.author?.uri ?? moment.settings.displayName,
  });
  return note(recorded, 'Recorded a message of the meeting');
}

function common(event: MessageEvent, text: string, { now }: Moment) {
  return {
    timeStampMs: event.timeStampMs ?? now,
    direction: event.direction,
    text,
    contentType: event.contentType ?? ('text/plain' as const),
    messageHref: event.href,
    delivered: event.outcome !== 'Failure',
  };
}

/** A message without a sender's name, or one that we sent, is the helpdesk's. */
function authorOf(event: MessageEvent, own: SentText | undefined): RecordVisitorMessage['author'] {
  if (event.direction === 'Incoming') return 'visitor';
  return own === undefined && event.author?.name !== undefined ? 'agent' : 'helpdesk';
}

function authorNameOf(
  context: HelpdeskContext,
  event: MessageEvent,
  author: RecordVisitorMessage['author'],
  { settings }: Moment,
): string {
  if (author === 'visitor') return event.author?.name ?? context.visitor.name ?? 'Visitor';
  return event.author?.name ?? settings.displayName;
}

function isVisitor(context: HelpdeskContext, event: MessageEvent): boolean {
  if (event.direction === 'Outgoing') return false;
  const { uri, name } = event.author ?? {};
  return uri === undefined ? name !== undefined && name === context.visitor.name : uri === context.visitor.uri;
}

function ownText(context: HelpdeskContext, event: MessageEvent): SentText | undefined {
  return context.sent.find(
    ({ n, href }) =>
      (event.operationId !== undefined &&
        event.operationId === operationIdOf(context.sessionId, { name: 'sendMessage', n })) ||
      sameHref(href, event.href),
  );
}

/** Our own message came back before the answer to its POST was stored: the answer's Location will tell its text. */
function postpone(context: HelpdeskContext, event: MessageEvent, moment: Moment): HelpdeskContext {
  if (context.textless.some(({ href }) => sameHref(href, event.href))) return context;
  const dated = { ...event, timeStampMs: event.timeStampMs ?? moment.now };
  return note({ ...context, textless: [...context.textless, dated] }, 'Waiting for the text of our own message');
}

/** Records what `postpone` kept, as far as the texts are known now. */
export function recordPostponed(context: HelpdeskContext, moment: Moment): HelpdeskContext {
  const known = context.textless.filter((event) => ownText(context, event) !== undefined);
  if (known.length === 0) return context;
  const rest: HelpdeskContext = { ...context, textless: context.textless.filter((event) => !known.includes(event)) };
  return known.reduce((sofar, event) => recordOnC1(sofar, event, moment), rest);
}
