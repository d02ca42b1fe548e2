/** A repeated operationId gets the first answer again; with another body it is refused (reference/call-flow.md F25). */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { RequestRefusedError } from './errors.ts';
import { bodyMember, queryValue } from './input.ts';
import { callerKey } from './model/principal.ts';
import type { Snapshot, Store, Transaction } from './store/store.ts';

const keptMs = 24 * 3_600_000;
export const receiptTimerKind = 'receipt.forget';

/** What identifies a repeated request. */
export interface ReceiptRequest {
  /** Of caller, resource and operationId. */
  readonly id: string;
  /** Of everything else that the request says. */
  readonly fingerprint: string;
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
  { id, fingerprint }: ReceiptRequest,
  answer: unknown,
  now: number,
): void {
  const keptUntil = now + keptMs;
  transaction.put('receipt', id, { fingerprint, answer: JSON.stringify({ answer }), keptUntil });
  transaction.schedule({ name: `${receiptTimerKind}:${id}`, dueAt: keptUntil, kind: receiptTimerKind, id });
}

function digest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
