/**
 * One chat from the visitor's first request to the agent's last: sign-in and call of the visitor, meeting and bridge by
 * the service application, invitation and joining of the agent. All over HTTP, following links.
 */
import { randomUUID } from 'node:crypto';
import { Arrivals } from './arrivals.ts';
import { href, parse, type Resource, type WireEvent } from './hal.ts';
import { must } from './http.ts';
import type { BenchAgent, ServiceApplication } from './serviceApplication.ts';
import { openChannel, type UcwaChannel } from './ucwaChannel.ts';

export type Side = 'visitor' | 'agent';

export interface Chat {
  /** Sends a text from one side; resolves when it is accepted. */
  say(from: Side, text: string): Promise<void>;
  /** Called with every incoming message of a side. */
  onMessage: (to: Side) => void;
  /** From the visitor's POST applications to the agent with messaging connected, ms. */
  readonly setupMs: number;
  close(): Promise<void>;
}

interface Called {
  readonly conversationHref: string;
  readonly operationId: string;
  readonly threadId: string;
}

function nameOf(event: WireEvent, sender: string): string {
  const resource = event._embedded?.[event.link.rel];
  if (event.link.rel === 'messaging') return `messaging ${String(resource?.state)} ${sender}`;
  if (event.link.rel.endsWith('Invitation')) return `${event.link.rel} ${event.type}`;
  return `${event.link.rel} ${event.type} ${sender}`;
}

/** Step 6 and what the visitor's channel says about it. */
async function call(service: ServiceApplication, startUrl: string, token: string): Promise<Called> {
  const called = { operationId: randomUUID(), threadId: randomUUID() };
  const json = { ...called, to: service.endpointUri, subject: 'bench' };
  const { location } = await must({ method: 'POST', url: startUrl, token, json });
  const { text } = await must({ method: 'GET', url: new URL(location ?? '', startUrl).href, token });
  return { ...called, conversationHref: href(parse<Resource>(text), 'conversation') };
}

export async function startChat(
  service: ServiceApplication,
  agent: BenchAgent,
  onFailure: (error: Error) => void,
): Promise<Chat> {
  const token = await service.anonToken();
  const begun = performance.now();
  const json = { anonymousDisplayName: 'Vera', userAgent: 'bench', culture: 'en-us' };
  const base = service.anonApplicationsUrl;
  const created = parse<Resource>((await must({ method: 'POST', url: base, token, json })).text);
  const absolute = (reference: string): string => new URL(reference, base).href;
  const arrivals = new Arrivals<WireEvent>();
  const chat = { onMessage: (_to: Side): void => {} };
  const onEvent = (event: WireEvent, sender: string): void => {
    if (event.link.rel !== 'message') arrivals.arrived(nameOf(event, sender), event);
    else if (event._embedded?.message?.direction === 'Incoming') chat.onMessage('visitor');
  };
  const channel: UcwaChannel = openChannel(absolute(href(created, 'events')), token, onEvent, onFailure);
  const startUrl = absolute(href(created._embedded?.communication, 'startMessaging'));
  const { conversationHref, threadId } = await call(service, startUrl, token);
  const bridged = service.bridge(threadId, agent);
  const connected = await arrivals.wait(`messaging Connected ${conversationHref}`);
  const visitorUrl = absolute(href(connected._embedded?.messaging, 'sendMessage'));
  const { agentConversation, agentUrl } = await bridged;
  const setupMs = performance.now() - begun;
  agent.onMessage.set(agentConversation, () => chat.onMessage('agent'));
  return Object.assign(chat, {
    setupMs,
    say: async (from: Side, text: string) => {
      if (from === 'visitor') await must({ method: 'POST', url: visitorUrl, token, text });
      else await must({ method: 'POST', url: agentUrl, token: agent.token, text });
    },
    close: async () => {
      agent.onMessage.delete(agentConversation);
      await channel.stop();
      await must({ method: 'DELETE', url: absolute(conversationHref), token });
    },
  });
}
