import type { AcceptAndBridge } from '@repo/flows/helpdesk/commands';
import type { AcceptAndBridgeInput } from '@repo/ucwa-protocol/operations';
import { type PlatformRequest, wasThereAlready } from './requestOf.ts';

/** Step 9: answers the visitor and joins the two legs. Bridged already means by us: nobody else has the invitation. */
export function acceptAndBridge(command: AcceptAndBridge, operationId: string): PlatformRequest {
  const { impersonatedDisplayName, onlineMeetingUri, href } = command;
  const body: AcceptAndBridgeInput & { readonly operationId: string } = {
    impersonatedDisplayName,
    onlineMeetingUri,
    operationId,
  };
  return { method: 'POST', href, body, isReached: wasThereAlready };
}
