/**
 * The two record tables. What crossed the visitor's own leg is a visitorMessage, what was said in the meeting only is
 * an internalMessage; the platform stamps a message once, so (session, time stamp) names it in both.
 */
import type { Queries } from './client.ts';
import { newId } from './ids.ts';

const messageAuthors = ['visitor', 'agent', 'helpdesk'] as const;
export type MessageAuthor = (typeof messageAuthors)[number];

export interface MessageInput {
  readonly sessionId: string;
  /** Stamp of the platform, milliseconds since 1970: the one order of messages on every screen. */
  readonly timeStampMs: number;
  /** As the helpdesk sees it: Incoming from the visitor or the meeting, Outgoing to the visitor. */
  readonly direction: 'Incoming' | 'Outgoing';
  readonly author: MessageAuthor;
  readonly senderUri?: string | undefined;
  readonly senderName: string;
  readonly format: 'plain' | 'html';
  readonly text: string;
  /** False when the platform reported that it did not arrive. */
  readonly delivered: boolean;
  readonly now: Date;
}

export interface RecordedMessage {
  readonly id: string;
  readonly sessionId: string;
  readonly timeStampMs: number;
  readonly direction: 'Incoming' | 'Outgoing';
  readonly author: MessageAuthor;
  readonly senderUri: string | undefined;
  readonly senderName: string;
  readonly format: 'plain' | 'html';
  readonly text: string;
  readonly delivered: boolean;
}

/**
 * Records a message that crossed the visitor's leg, once. When it had been taken for an internal one, because the
 * meeting's event came first, that row goes. A later word that it did not reach the visitor is kept, a repetition of
 * the first is not.
 */
export async function recordVisitorMessage(queries: Queries, message: MessageInput): Promise<void> {
  const data = toData(message);
  const { sessionId, timeStampMs } = data;
  await queries.prisma.visitorMessage.createMany({ data: [data], skipDuplicates: true });
  if (!message.delivered) {
    await queries.prisma.visitorMessage.updateMany({ where: { sessionId, timeStampMs }, data: { delivered: false } });
  }
  await queries.prisma.internalMessage.deleteMany({ where: { sessionId, timeStampMs } });
}

/** Records a message of the meeting, once, unless it is known to have crossed the visitor's leg. */
export async function recordInternalMessage(queries: Queries, message: MessageInput): Promise<void> {
  const data = toData(message);
  const { sessionId, timeStampMs } = data;
  const crossed = await queries.prisma.visitorMessage.count({ where: { sessionId, timeStampMs } });
  if (crossed === 0) await queries.prisma.internalMessage.createMany({ data: [data], skipDuplicates: true });
}

/** What the visitor wrote and was told, in order. The only messages that a visitor's surface may show. */
export async function visitorMessages({ prisma }: Queries, sessionId: string): Promise<RecordedMessage[]> {
  return (await prisma.visitorMessage.findMany({ where: { sessionId }, orderBy: { timeStampMs: 'asc' } })).map(
    toMessage,
  );
}

/** What was said among agents and supervisors, in order. For the desk and the admin list only. */
export async function internalMessages({ prisma }: Queries, sessionId: string): Promise<RecordedMessage[]> {
  return (await prisma.internalMessage.findMany({ where: { sessionId }, orderBy: { timeStampMs: 'asc' } })).map(
    toMessage,
  );
}

function toData(message: MessageInput) {
  const { now, timeStampMs, senderUri, ...rest } = message;
  return {
    ...rest,
    id: newId('message'),
    timeStampMs: BigInt(Math.trunc(timeStampMs)),
    senderUri: senderUri ?? null,
    recordedAt: now,
  };
}

interface Row {
  readonly id: string;
  readonly sessionId: string;
  readonly timeStampMs: bigint;
  readonly direction: string;
  readonly author: string;
  readonly senderUri: string | null;
  readonly senderName: string;
  readonly format: string;
  readonly text: string;
  readonly delivered: boolean;
}

function toMessage(row: Row): RecordedMessage {
  return {
    id: row.id,
    sessionId: row.sessionId,
    timeStampMs: Number(row.timeStampMs),
    direction: row.direction === 'Outgoing' ? 'Outgoing' : 'Incoming',
    author: messageAuthors.find((known) => known === row.author) ?? 'agent',
    senderUri: row.senderUri ?? undefined,
    senderName: row.senderName,
    format: row.format === 'html' ? 'html' : 'plain',
    text: row.text,
    delivered: row.delivered,
  };
}
