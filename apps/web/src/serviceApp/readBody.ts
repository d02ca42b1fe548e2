import { RefusalError } from './errors.ts';

/**
 * The text of a request's body, read no further than allowed.
 * @throws {RefusalError} 413 beyond `maxBytes`; 400 when it is not UTF-8
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () => new RefusalError(413, `the body is longer than ${maxBytes} bytes`);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Typed as the browser's stream, which lacks what Node's has.
  const stream = request.body as unknown as AsyncIterable<Uint8Array> | null;
  for await (const chunk of stream ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new RefusalError(400, 'the body is not UTF-8', { subcode: 'DeserializationFailure', cause });
  }
}
