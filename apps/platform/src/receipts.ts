/**
 * A repeated operationId gets the first answer again; with another body it is refused (reference/call-flow.md F25). Receipts end soon
 * after the conversation or the client that they belong to, at the latest after 24 hours.
 */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { RequestRefusedError } from './errors.ts';
import { bodyMember, queryValue } from './input.ts';
import type { Receipt, Timer } from './model/channel.ts';
import { callerKey } from './model/principal.ts';
import type { World } from './model/world.ts';
import type { Snapshot, Store, Transaction } from './store/store.ts';

const keptMs = 24 * 3_600_000;
/** How often it is looked whether what a receipt belongs to has ended: most chats take less. */
const lookMs = 30 * 60_000;
/** A repetition of the last request of a conversation may come so much after its end. */
const graceMs = 10 * 60_000;
export const receiptTimerKind = 'receipt.forget';

/** What identifies a repeated request. */
export interface ReceiptRequest {
  /** Of caller, resource and operationId. */
  readonly id: string;
  /** Of everything else that the request says. */
  readonly fingerprint: string;
  readonly belongsTo: Receipt['belongsTo'];
}

const operationNames = ['operationid', 'operationcontext'];

/** @returns undefined when the request names no operation */
export function receiptRequest(request: FastifyRequest): ReceiptRequest | undefined {
  if (request.method !== 'POST' || request.principal === undefined) return undefined;
  const given =
    bodyMember(request, 'operationId') ?? queryValue(request, 'operationId') ?? queryValue(request, 'operationContext');
  if (typeof given !== 'string' || given === '') return undefined;
  const path = (request.url.split('?')[0] ?? '').toLowerCase();
  const query = Object.entries(request.query as Record<string, unknown>)
    .map(([name, value]) => [name.toLowerCase(), String(value)])
    .filter(([name]) => !operationNames.includes(name ?? ''))
    .sort(([a], [b]) => (a ?? '').localeCompare(b ?? ''));
  return {
    id: digest([callerKey(request.principal), path, given]),
    fingerprint: digest([query, request.headers['content-type']?.split(';')[0] ?? '', request.body ?? null]),
    belongsTo: ownersOf(request),
  };
}

/** What the address of a request is under. */
function ownersOf(request: FastifyRequest): Receipt['belongsTo'] {
  const { id, conversationId } = request.params as { id?: string; conversationId?: string };
  if (id === undefined && conversationId === undefined) return undefined;
  return {
    ...(id === undefined ? {} : { ucwaApplicationId: id.toLowerCase() }),
    ...(conversationId === undefined ? {} : { conversationId: conversationId.toLowerCase() }),
  };
}

/**
 * @returns what the first request was told
 * @throws RequestRefusedError 409 AlreadyExists when the first request said something else
 */
export function findReceipt(
  look: Pick<Snapshot, 'get'>,
  { id, fingerprint }: ReceiptRequest,
  now: number,
): { readonly answer: unknown } | undefined {
  const receipt = look.get('receipt', id);
  if (receipt === undefined || receipt.keptUntil <= now) return undefined;
  if (receipt.fingerprint !== fingerprint) {
    throw new RequestRefusedError(409, {
      subcode: 'AlreadyExists',
      message: 'The operationId was used for another request',
    });
  }
  return JSON.parse(receipt.answer) as { answer: unknown };
}

/** Whether the request repeats one that was answered. @throws RequestRefusedError as `findReceipt` */
export async function isRepeated(store: Store, now: number, request: FastifyRequest): Promise<boolean> {
  const operation = receiptRequest(request);
  return (
    operation !== undefined && (await store.read((snapshot) => findReceipt(snapshot, operation, now))) !== undefined
  );
}

export function keepReceipt(
  transaction: Transaction,
  { id, fingerprint, belongsTo }: ReceiptRequest,
  answer: unknown,
  now: number,
): void {
  const keptUntil = now + keptMs;
  const receipt = { fingerprint, answer: JSON.stringify({ answer }), keptUntil };
  transaction.put('receipt', id, belongsTo === undefined ? receipt : { ...receipt, belongsTo });
  transaction.schedule(receiptTimer(id, belongsTo === undefined ? keptUntil : now + lookMs));
}

const receiptTimer = (id: string, dueAt: number): Timer => ({
  name: `${receiptTimerKind}:${id}`,
  dueAt,
  kind: receiptTimerKind,
  id,
});

/** A receipt's timer is due: it goes, or is looked at again. */
export function onReceiptTimer(world: Pick<World, 'get' | 'delete' | 'schedule' | 'now'>, id: string): void {
  const receipt = world.get('receipt', id);
  if (receipt === undefined) return;
  const { keptUntil, belongsTo } = receipt;
  if (keptUntil <= world.now || isOver(world, belongsTo)) world.delete('receipt', id);
  else world.schedule(receiptTimer(id, Math.min(keptUntil, world.now + lookMs)));
}

function isOver(
  { get, now }: Pick<World, 'get' | 'now'>,
  { conversationId, ucwaApplicationId }: NonNullable<Receipt['belongsTo']> = {},
): boolean {
  if (ucwaApplicationId !== undefined && get('ucwaApplication', ucwaApplicationId)?.ended !== undefined) return true;
  if (conversationId === undefined) return false;
  const endedAt = get('conversation', conversationId)?.endedAt;
  return endedAt !== undefined && endedAt + graceMs <= now;
}

function digest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
