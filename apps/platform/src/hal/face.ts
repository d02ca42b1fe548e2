/** For whom a resource is written: the service application (prefix, endpointId, tgt) or a UCWA application (none of them). */
import type { Rel, RelPrefix } from '@repo/ucwa-protocol/rels';

export type Face =
  | {
      readonly kind: 'service';
      readonly tenantId: string;
      /** The numeric id of (application, endpoint). */
      readonly applicationId: string;
      readonly endpointUri: string;
      readonly prefix: RelPrefix;
      readonly permissions: readonly string[];
    }
  | {
      readonly kind: 'ucwa';
      readonly applicationId: string;
      readonly audience: 'anonymous' | 'agent';
    };

export type ServiceFace = Extract<Face, { kind: 'service' }>;
export type UcwaFace = Extract<Face, { kind: 'ucwa' }>;

/** The spelling of a wire word for this reader. */
export function rel(face: Face, word: Rel): string {
  return face.kind === 'service' ? `${face.prefix}${word}` : word;
}
