/** The messages of a chat: each exactly once, in the one order of their time stamps, whatever told of them first. */
import type { RecordedMessage } from './deskAction.ts';
import type { Chat, DeskState, Outgoing, Said, SaidTwice } from './deskState.ts';
import { isVisitorUri, uriOfParticipantHref } from './wireMessage.ts';

/** Who wrote a line, as far as everything known together tells. */
export type Author = 'visitor' | 'self' | 'colleague' | 'helpdesk';

/** A message that both sources have been heard about. */
export interface PlacedMessage {
  readonly timeStamp: number;
  readonly author: Author;
  readonly senderName: string;
  readonly text: string;
  readonly undelivered: boolean;
}

/** A line as the screen shows it. */
export interface TranscriptLine {
  readonly key: string;
  readonly author: Author;
  readonly senderName: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly status: 'delivered' | 'undelivered' | Outgoing['status'];
  readonly operationId?: string;
  readonly failure?: string;
}

/** Adds what one source tells; what the other told of the same message stays. */
export function addSaid(chat: Chat, source: keyof SaidTwice, said: Said): Chat {
  const before = chat.messages[said.timeStamp];
  const known = before?.[source];
  // A text is never lost to a later, shorter telling of the same message, such as an event without content.
  const kept = known && known.text !== '' && said.text === '' ? { ...said, text: known.text } : said;
  // A failure told once outlives every success, whichever of them is heard first.
  const marked: Said = known?.undelivered ? { ...kept, undelivered: true } : kept;
  const messages = { ...chat.messages, [said.timeStamp]: { ...before, [source]: marked } };
  return { ...chat, messages };
}

/** Turns a message of the record into what the desk keeps. */
export function readRecorded(message: RecordedMessage, self: DeskState['self']): Said {
  const { timeStamp, senderUri, senderName, text } = message;
  const own = self !== undefined && message.author === 'agent' && isSelf(message, self);
  return {
    timeStamp,
    author: own ? 'self' : message.author === 'agent' ? 'colleague' : message.author,
    senderName,
    text,
    ...(senderUri === undefined ? {} : { senderUri }),
    ...(message.delivered === false ? { undelivered: true } : {}),
  };
}

/** What went over the visitor's leg may name the agent only by the name that the visitor sees. */
function isSelf({ senderUri, senderName }: RecordedMessage, self: { sipUri: string; name: string }): boolean {
  return (
    senderUri?.toLowerCase() === self.sipUri.toLowerCase() || (senderUri === undefined && senderName === self.name)
  );
}

function merged(chat: Chat, { live, recorded }: SaidTwice): PlacedMessage | undefined {
  const first = live ?? recorded;
  if (!first) return undefined;
  const participant = live?.participantHref === undefined ? undefined : chat.participants[live.participantHref];
  return {
    timeStamp: first.timeStamp,
    author: authorOf(chat, live, recorded),
    senderName: live?.senderName || participant?.name || recorded?.senderName || '',
    text: live?.text || recorded?.text || '',
    undelivered: live?.undelivered === true || recorded?.undelivered === true,
  };
}

/** The event knows best who of the staff it was; the record always knows whether it was the visitor. */
function authorOf(chat: Chat, live: Said | undefined, recorded: Said | undefined): Author {
  if (live?.author === 'self' || recorded?.author === 'self') return 'self';
  if (recorded?.author === 'visitor') return 'visitor';
  if (!live) return recorded?.author === 'colleague' ? 'colleague' : 'helpdesk';
  const href = live.participantHref;
  const known = href === undefined ? undefined : (chat.participants[href]?.uri ?? uriOfParticipantHref(href));
  return isVisitorUri(live.senderUri ?? known) ? 'visitor' : 'colleague';
}

/** Every message of the chat that has its place, oldest first. */
export function saidIn(chat: Chat): PlacedMessage[] {
  return Object.values(chat.messages)
    .flatMap((sources) => merged(chat, sources) ?? [])
    .sort((one, other) => one.timeStamp - other.timeStamp);
}

/** What the screen shows: the placed messages, then what is still on its way, in the order in which it was typed. */
export function transcriptOf(chat: Chat, outbox: readonly Outgoing[]): TranscriptLine[] {
  const placed = saidIn(chat).map<TranscriptLine>((said) => ({
    key: `at-${said.timeStamp}`,
    author: said.author,
    senderName: said.senderName,
    text: said.text,
    at: said.timeStamp,
    status: said.undelivered ? 'undelivered' : 'delivered',
  }));
  const pending = outbox
    .filter((message) => message.conversationHref === chat.href && !isPlaced(chat, message))
    .map<TranscriptLine>((message) => ({
      key: message.operationId,
      author: 'self',
      senderName: '',
      text: message.text,
      at: message.typedAt,
      status: message.status,
      operationId: message.operationId,
      ...(message.failure === undefined ? {} : { failure: message.failure }),
    }));
  return [...placed, ...pending];
}

/** Whether the chat already holds a message that this desk sent. */
export function isPlaced(chat: Chat, message: Outgoing): boolean {
  return Object.values(chat.messages).some(
    ({ live }) =>
      live !== undefined &&
      (live.operationId === message.operationId || (live.href !== undefined && live.href === message.messageHref)),
  );
}

/** How many messages of the visitor nobody looked at yet. */
export function unreadIn(chat: Chat): number {
  return saidIn(chat).filter(({ author, timeStamp }) => author === 'visitor' && timeStamp > chat.readThrough).length;
}

/** The time stamp of the newest message, 0 without any. */
export function newestIn(chat: Chat): number {
  return saidIn(chat).at(-1)?.timeStamp ?? 0;
}
