/** Bytes into values, or a 400 that says what is wrong (reference/errors.md 3). */
import { RequestRefusedError } from './errors.ts';

/** @throws RequestRefusedError 400 DeserializationFailure */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text, withoutPrototype);
  } catch (error) {
    throw deserializationFailure('The body is not JSON', error);
  }
}

/** @throws RequestRefusedError 400 DeserializationFailure when the bytes are no UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw deserializationFailure('The body is not UTF-8', error);
  }
}

export function deserializationFailure(message: string, cause?: unknown): RequestRefusedError {
  return new RequestRefusedError(400, { subcode: 'DeserializationFailure', message }, cause);
}

function withoutPrototype(name: string, value: unknown): unknown {
  return name === '__proto__' ? undefined : value;
}
