/** One chat from the token to the moment when both can talk: the visitor's side of it (reference/call-flow.md 3 to 15). */
import { randomUUID } from 'node:crypto';
import type { Agent } from './agent.ts';
import { Arrivals } from './arrivals.ts';
import { type Bridged, bridgeCall } from './bridge.ts';
import { type Connection, type Line, must } from './connection.ts';
import { href, parse, type Resource, type WireEvent } from './hal.ts';
import type { LongPoll } from './longPoll.ts';
import type { ServiceApplication } from './serviceApplication.ts';
import { type Hears, openChannel } from './ucwaChannel.ts';

type Hearing = Pick<Hears, 'onFailure' | 'onMessage'>;

/** A visitor who is signed in and listens. */
export interface Visitor {
  readonly token: string;
  readonly sender: Line;
  readonly poll: LongPoll;
  /** Steps 6 to 15. Resolves when the visitor has been welcomed and the agent has joined. */
  call(agent: Agent): Promise<Chat>;
  signOut(): Promise<void>;
}

export interface Chat extends Bridged {
  /** Where the visitor sends its messages. */
  readonly visitorPath: string;
}

/** Steps 3 to 5b. */
export async function signInVisitor(
  service: ServiceApplication,
  sender: Line,
  poll: Connection,
  hears: Hearing,
): Promise<Visitor> {
  const { discoverPath, token } = await service.anonToken();
  const discover = parse<Resource>((await must(sender, { method: 'GET', path: discoverPath })).text);
  const input = { anonymousDisplayName: 'Vera', userAgent: 'bench', culture: 'en-us' };
  const path = href(discover, 'anonApplications');
  const created = parse<Resource>((await must(sender, { method: 'POST', path, token, json: input })).text);
  const arrivals = new Arrivals<WireEvent>();
  const listening: Hears = {
    ...hears,
    onEvent: ({ link, ...event }) => {
      const resource = event._embedded?.[link.rel];
      if (link.rel === 'message' && resource?.direction === 'Incoming') arrivals.arrived('welcome', { link, ...event });
      else if (link.rel === 'messaging') arrivals.arrived(String(resource?.state), { link, ...event });
    },
  };
  const channel = openChannel('visitor', poll, href(created, 'events'), token, listening);
  const startMessaging = href(created._embedded?.communication, 'startMessaging');
  return {
    token,
    sender,
    poll: channel,
    call: async (agent) => {
      const threadId = randomUUID();
      const callbacks = service.expect(threadId);
      const json = { operationId: randomUUID(), threadId, to: service.endpointUri, subject: 'bench' };
      await must(sender, { method: 'POST', path: startMessaging, token, json });
      const bridged = bridgeCall(service, callbacks, threadId, agent);
      const [{ agentPath, end }, connected] = await Promise.all([
        bridged,
        arrivals.wait('Connected'),
        arrivals.wait('welcome'),
      ]);
      service.forget(threadId);
      listening.onEvent = undefined;
      return { visitorPath: href(connected._embedded?.messaging, 'sendMessage'), agentPath, end };
    },
    signOut: async () => {
      channel.cut();
      await must(sender, { method: 'DELETE', path: href(created, 'self'), token });
    },
  };
}
