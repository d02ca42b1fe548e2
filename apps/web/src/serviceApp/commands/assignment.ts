import * as assignments from '@repo/db/assignments';
import type { Queries } from '@repo/db/client';
import type { AssignAgent, ReleaseAgent } from '@repo/flows/helpdesk/commands';
import type { Done } from './internalCommand.ts';

/** Gives the session to an agent with room; the answer is `agentAssigned` or `noAgentAvailable`. */
export async function assignAgent(
  transaction: Queries,
  sessionId: string,
  command: AssignAgent,
  now: Date,
): Promise<Done> {
  const { excluded } = command;
  const { agent, considered } = await assignments.assignAgent(transaction, { sessionId, excluded, now });
  return {
    events: [
      agent ? { type: 'agentAssigned', agentUri: agent.sipUri, displayName: agent.name } : { type: 'noAgentAvailable' },
    ],
    data: { agentUri: agent?.sipUri, considered },
  };
}

/** Takes the session from its agent, whose room is free again. */
export async function releaseAgent(
  transaction: Queries,
  sessionId: string,
  command: ReleaseAgent,
  now: Date,
): Promise<Done> {
  const { reason } = command;
  const agentUri = await assignments.releaseAgent(transaction, { sessionId, reason, now });
  return { events: [], data: { agentUri, reason } };
}
