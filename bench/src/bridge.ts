/** What the service application does for one call: meeting, bridge, welcome, agent (reference/call-flow.md 7 to 15). */
import { randomUUID } from 'node:crypto';
import type { Agent } from './agent.ts';
import type { Arrivals } from './arrivals.ts';
import { href, type WireEvent } from './hal.ts';
import type { ServiceApplication } from './serviceApplication.ts';

export interface Bridged {
  /** Where the agent sends its messages. */
  readonly agentPath: string;
  /** Steps 18 to 20: the meeting ends for all, the service application leaves. */
  end(): Promise<void>;
}

export async function bridgeCall(
  service: ServiceApplication,
  arrivals: Arrivals<WireEvent>,
  callbackContext: string,
  agent: Agent,
): Promise<Bridged> {
  const incoming = (await arrivals.wait('call'))._embedded?.messagingInvitation;
  const c1 = href(incoming, 'conversation');
  const meetingId = randomUUID();
  const meeting = { operationId: meetingId, subject: 'bench', callbackContext };
  await service.send('POST', href(incoming, 'startAdhocMeeting'), meeting);
  const started = await arrivals.wait(`onlineMeetingInvitation completed ${meetingId}`);
  const invitation = started._embedded?.onlineMeetingInvitation;
  const c2 = href(invitation, 'conversation');
  const onlineMeetingUri = String(invitation?.onlineMeetingUri);
  const onlineMeeting = (await arrivals.wait(`onlineMeeting added ${c2}`))._embedded?.onlineMeeting;
  const disconnected = await arrivals.wait(`messaging Disconnected ${c2}`);
  const messagingId = randomUUID();
  const addMessaging = href(disconnected._embedded?.messaging, 'addMessaging');
  await service.send('POST', addMessaging, { operationId: messagingId });
  await arrivals.wait(`messagingInvitation completed ${messagingId}`);
  const accepted = { impersonatedDisplayName: 'Bench', onlineMeetingUri };
  await service.send('POST', href(incoming, 'acceptAndBridge'), accepted);
  const bridge = (await arrivals.wait(`conversationBridge added ${c1}`))._embedded?.conversationBridge;
  const participant = { displayName: 'Ann', participantUri: agent.uri, messageFilterState: 'Disabled' };
  await service.send('POST', href(bridge, 'bridgedParticipants'), participant);
  const connected = (await arrivals.wait(`messaging Connected ${c1}`))._embedded?.messaging;
  await service.sendText(href(connected, 'sendMessage'), 'Welcome, an agent will be with you in a moment.');
  const conversation = (await arrivals.wait(`conversation Conferenced ${c2}`))._embedded?.conversation;
  const joining = agent.join(onlineMeetingUri);
  await service.send('POST', href(conversation, 'addParticipant'), { operationId: randomUUID(), to: agent.uri });
  const { sendPath } = await joining;
  return {
    agentPath: sendPath,
    end: async () => {
      await service.send('POST', href(onlineMeeting, 'terminateOnlineMeeting'));
      await service.send('DELETE', c2);
    },
  };
}
