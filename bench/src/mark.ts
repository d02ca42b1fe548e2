/**
 * The 64-byte messages. Each carries who said it in which chat as its how-manieth, so that an arrival is recognised by
 * searching the body for it, without reading the JSON.
 */
export type Side = 'visitor' | 'agent';

export const messageBytes = 64;
const opening = 'marked.';

export function otherSide(side: Side): Side {
  return side === 'visitor' ? 'agent' : 'visitor';
}

/** `marked.v.17.3.` filled up to 64 bytes. */
export function messageText(from: Side, chat: number, sequence: number): string {
  return `${opening}${from.charAt(0)}.${chat}.${sequence}.`.padEnd(messageBytes, 'x');
}

/** Calls back for every message in a body, in its order. */
export function readMarks(body: string, onMark: (from: Side, chat: number, sequence: number) => void): void {
  for (let at = body.indexOf(opening); at >= 0; at = body.indexOf(opening, at + opening.length)) {
    const from = body.charAt(at + opening.length) === 'v' ? 'visitor' : 'agent';
    const chatAt = at + opening.length + 2;
    const sequenceAt = body.indexOf('.', chatAt) + 1;
    const chat = Number(body.slice(chatAt, sequenceAt - 1));
    onMark(from, chat, Number(body.slice(sequenceAt, body.indexOf('.', sequenceAt))));
  }
}
