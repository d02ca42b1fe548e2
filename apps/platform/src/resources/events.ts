/** The event channel of a UCWA application: the P-GET (reference/events.md 3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonType } from '../answers.ts';
import { type Deps, ucwaPrincipal } from '../deps.ts';
import { invalidParameters, RequestRefusedError } from '../errors.ts';
import { senderBlocks } from '../events/channel.ts';
import { carryOut, type Next, nextFor, type Poll, prepareBatch } from '../events/nextBatch.ts';
import { Patience, pollSettings } from '../events/patience.ts';
import type { ParkOptions, PendingGet } from '../events/pendingGet.ts';
import type { UcwaFace } from '../hal/face.ts';
import { ucwaFace } from '../hal/faceOf.ts';
import { href } from '../hal/href.ts';
import { queryValue } from '../input.ts';
import { ucwaChannelId } from '../model/channel.ts';
import { ownedApplication } from '../model/ucwaApplication.ts';
import type { Snapshot } from '../store/store.ts';
import { param, registerUcwa } from './callers.ts';

/** How long the note of an acknowledgement may wait for the next batch, to share its commit. */
const noteWithinMs = 2_000;

export function registerEvents(app: FastifyInstance, deps: Deps): void {
  registerUcwa(app, deps, 'GET', '/:id/events', async (request, reply) => {
    const poll = await readPoll(deps, request);
    const priority = Math.max(0, Number(queryValue(request, 'priority')) || 0);
    requireRoom(deps, poll.channelId);
    const pending = await deps.pendingGets.admit(poll.channelId, priority);
    if (pending === undefined) throw replaced();
    reply.type(jsonType);
    try {
      return await answerWhenRipe(deps, request, poll, pending, closeOf(reply));
    } finally {
      pending.leave();
    }
  });
}

async function answerWhenRipe(
  deps: Deps,
  request: FastifyRequest,
  poll: Poll,
  pending: PendingGet,
  onClose: ParkOptions['onClose'],
): Promise<string> {
  const inOneCommit = () => deps.store.commit((transaction) => carryOut(transaction, poll));
  let isLate = false;
  for (;;) {
    // Again after every wait: the application may have ended meanwhile.
    const { news } = pending;
    const face = await faceOf(deps, request);
    const seen = await deps.store.read((snapshot) => nextFor(snapshot, poll));
    const needsCommit = seen.kind === 'commit' || (seen.kind === 'wait' && seen.acknowledges && isLate);
    const next = needsCommit ? await inOneCommit() : seen;
    if (pending.isReplaced) throw replaced();
    if (next.kind === 'batch') return batchAnswer(face, poll.key, next);
    if (next.kind === 'resync') return resyncAnswer(face, poll, next.ack);
    // What came while the commit was under way has woken nobody, so look again before waiting.
    if (needsCommit || seen.kind !== 'wait') continue;
    const timeoutMs = Math.min(poll.patience.leftMs(), seen.acknowledges ? noteWithinMs : Number.POSITIVE_INFINITY);
    const why = await pending.park({
      timeoutMs,
      news,
      onClose,
      prepare: (transaction) => prepareBatch(transaction, poll),
    });
    if (why === 'replaced') throw replaced();
    if (why === 'gone') {
      if (seen.acknowledges) await inOneCommit();
      throw new RequestRefusedError(408);
    }
    if (why === 'closing') poll.patience.end();
    isLate = why === 'timeout';
  }
}

function readPoll(deps: Deps, request: FastifyRequest): Promise<Poll> {
  const ack = Number(queryValue(request, 'ack'));
  const now = () => deps.clock.now();
  return deps.store.read((snapshot) => {
    const { id: applicationId, instances } = ownedApplication(snapshot, ucwaPrincipal(request), param(request, 'id'));
    const asked = queryValue(request, 'key');
    const key = instances?.find((instance) => instance.key === asked)?.key;
    // The channel of a tab that has lost it.
    if (asked !== undefined && key === undefined)
      throw new RequestRefusedError(404, { subcode: 'ApplicationNotFound' });
    if (!Number.isSafeInteger(ack) || ack < 0) throw invalidParameters({ ack: 'missing' });
    const channelId = ucwaChannelId(applicationId, key);
    const settings = pollSettings(snapshot.get('channel', channelId)?.settings, (name) => queryValue(request, name));
    const visibleThrough = (look: Snapshot) => deps.wakes.visibleThrough(look, channelId);
    const patience = new Patience(deps.clock, settings);
    return {
      channelId,
      applicationId,
      ...(key === undefined ? {} : { key }),
      ack,
      settings,
      patience,
      visibleThrough,
      now,
    };
  });
}

function faceOf(deps: Deps, request: FastifyRequest): Promise<UcwaFace> {
  return deps.store.read((snapshot) =>
    ucwaFace(ownedApplication(snapshot, ucwaPrincipal(request), param(request, 'id'))),
  );
}

function closeOf({ raw }: FastifyReply): ParkOptions['onClose'] {
  return (closed) => {
    // One that was closed before will not say so again.
    const late = raw.destroyed ? setImmediate(closed) : undefined;
    raw.once('close', closed);
    return () => {
      clearImmediate(late);
      raw.off('close', closed);
    };
  };
}

/** Always with `next`: nothing is forgotten during a silence, so there is nothing to resume (docs/adr/0014-always-next.md). */
function batchAnswer(
  face: UcwaFace,
  key: string | undefined,
  { batch, events }: Extract<Next, { kind: 'batch' }>,
): string {
  const links = {
    self: { href: href.events(face, batch.ack, key) },
    next: { href: href.events(face, batch.ack + 1, key) },
  };
  return `{"_links":${JSON.stringify(links)},"sender":${senderBlocks(events)}}`;
}

function resyncAnswer(face: UcwaFace, { ack: asked, key }: Poll, ack: number): string {
  return JSON.stringify({
    _links: { self: { href: href.events(face, asked, key) }, resync: { href: href.events(face, ack, key) } },
  });
}

/** One that takes the place of an earlier one needs no room of its own. @throws RequestRefusedError 503 with Retry-After */
function requireRoom({ pendingGets, operations }: Deps, channelId: string): void {
  if (pendingGets.parked < operations.limits.parkedRequests || pendingGets.isParked(channelId)) return;
  throw new RequestRefusedError(503, {
    message: 'Too many clients wait for events on this server',
    headers: { 'Retry-After': '5' },
  });
}

function replaced(): RequestRefusedError {
  return new RequestRefusedError(409, { subcode: 'PGetReplaced', message: 'A newer GET took the place of this one' });
}
