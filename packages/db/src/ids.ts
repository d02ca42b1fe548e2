import { randomBytes } from 'node:crypto';

/** What the first letters of an id say. */
const idPrefixes = {
  person: 'per',
  helpdesk: 'hdk',
  helpdeskSession: 'hds',
  command: 'cmd',
  message: 'msg',
  assignment: 'asg',
} as const;

type IdKind = keyof typeof idPrefixes;

/** Makes an id such as `hds_0123456789abcdef`: prefix and 64 random bits, short enough for an operationId. */
export function newId(kind: IdKind): string {
  return `${idPrefixes[kind]}_${randomBytes(8).toString('hex')}`;
}
