/** What a P-GET gets as things stand: looked at first, then carried out in a commit (reference/events.md 3). */
import { RequestRefusedError } from '../errors.ts';
import { type Batch, type Channel, idleTimer, type SequencedEvent } from '../model/channel.ts';
import type { Snapshot, Transaction } from '../store/store.ts';
import { ask, batchLimit, build, withinBytes } from './channel.ts';
import type { Patience, PollSettings } from './patience.ts';

/** One GET: what it asks for, and under which rules it waits. */
export interface Poll {
  readonly channelId: string;
  readonly applicationId: string;
  /** Of a further tab's channel. */
  readonly key?: string;
  readonly ack: number;
  readonly settings: PollSettings;
  readonly patience: Patience;
  /** Place of the last event that may be delivered now. */
  visibleThrough(snapshot: Snapshot): number;
  now(): number;
}

export type Next =
  | { readonly kind: 'batch'; readonly batch: Batch; readonly events: readonly SequencedEvent[] }
  | { readonly kind: 'resync'; readonly ack: number }
  /** There is something to build. */
  | { readonly kind: 'commit' }
  /** `acknowledges`: what the GET acknowledges is not noted yet. */
  | { readonly kind: 'wait'; readonly acknowledges: boolean };

export function nextFor(snapshot: Snapshot, poll: Poll): Next {
  const asked = ask(channelOf(snapshot, poll), poll.ack);
  if (asked.kind === 'resync') return asked;
  if (asked.kind === 'replay') {
    // Built in the commit that brought the news, which may not be delivered yet.
    if (asked.batch.throughSeq > poll.visibleThrough(snapshot)) return { kind: 'wait', acknowledges: false };
    return batchOf(snapshot, poll.channelId, asked.batch);
  }
  if (isRipe(pendingEvents(snapshot, poll, asked.channel), poll)) return { kind: 'commit' };
  return { kind: 'wait', acknowledges: asked.changed };
}

/** Acknowledges what the GET acknowledges, and builds its batch when something is ripe. Looks again: others may have been here. */
export function carryOut(transaction: Transaction, poll: Poll): Next {
  const asked = ask(channelOf(transaction, poll), poll.ack);
  if (asked.kind === 'resync') return asked;
  if (asked.kind === 'replay') {
    // Built in a commit whose request has perhaps no answer yet.
    if (asked.batch.throughSeq > poll.visibleThrough(transaction)) return { kind: 'wait', acknowledges: false };
    return batchOf(transaction, poll.channelId, asked.batch);
  }
  const channel: Channel = { ...asked.channel, settings: poll.settings };
  if (channel.acknowledged === 0) noteListening(transaction, poll.applicationId);
  transaction.trim(poll.channelId, channel.acknowledgedSeq);
  const pending = pendingEvents(transaction, poll, channel);
  if (!isRipe(pending, poll)) {
    transaction.put('channel', poll.channelId, channel);
    return { kind: 'wait', acknowledges: false };
  }
  const events = withinBytes(pending);
  const built = build(channel, events.at(-1)?.seq ?? channel.acknowledgedSeq);
  transaction.put('channel', poll.channelId, built);
  transaction.schedule(idleTimer(poll.applicationId, poll.now()));
  return { kind: 'batch', batch: built.batch, events };
}

/** The same for a GET that is parked, in the commit that brings the news: they are held until the wake, so all may be in the batch. */
export function prepareBatch(transaction: Transaction, poll: Poll): void {
  if (transaction.get('channel', poll.channelId) === undefined) return;
  carryOut(transaction, { ...poll, visibleThrough: () => Number.MAX_SAFE_INTEGER });
}

/** From its first GET on only the event channel shows that a client is there. */
function noteListening(transaction: Transaction, id: string): void {
  const application = transaction.get('ucwaApplication', id);
  if (application === undefined || application.listens) return;
  transaction.put('ucwaApplication', id, { ...application, listens: true });
}

const isRipe = (pending: readonly SequencedEvent[], { patience }: Poll): boolean =>
  patience.isRipe(pending) || patience.isOver();

function channelOf(snapshot: Snapshot, { channelId }: Poll): Channel {
  const channel = snapshot.get('channel', channelId);
  if (channel === undefined) throw new RequestRefusedError(404, { subcode: 'ApplicationNotFound' });
  return channel;
}

function pendingEvents(snapshot: Snapshot, poll: Poll, channel: Channel): SequencedEvent[] {
  const visible = poll.visibleThrough(snapshot);
  return snapshot
    .events(poll.channelId, channel.acknowledgedSeq + 1, batchLimit)
    .filter((event) => event.seq <= visible);
}

function batchOf(snapshot: Snapshot, channelId: string, batch: Batch): Next {
  const limit = batch.throughSeq - batch.fromSeq + 1;
  return { kind: 'batch', batch, events: limit > 0 ? snapshot.events(channelId, batch.fromSeq, limit) : [] };
}
