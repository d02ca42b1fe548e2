/** An agent who is signed in, waits for invitations and joins the meetings that it is asked to. */
import { randomUUID } from 'node:crypto';
import { Arrivals } from './arrivals.ts';
import { type Connection, type Line, must } from './connection.ts';
import { href, parse, type Resource, type WireEvent } from './hal.ts';
import type { LongPoll } from './longPoll.ts';
import type { ServiceApplication } from './serviceApplication.ts';
import { type Hears, openChannel } from './ucwaChannel.ts';

export interface Agent {
  readonly uri: string;
  readonly token: string;
  readonly sender: Line;
  readonly poll: LongPoll;
  /** Steps 14x to 15b: accepts the invitation into this meeting and joins its chat. Resolves with where to send. */
  join(onlineMeetingUri: string): Promise<{ readonly sendPath: string }>;
  /** No more calls: from now on only messages are looked for. */
  stopReading(): void;
  signOut(): Promise<void>;
}

export async function signInAgent(
  service: ServiceApplication,
  index: number,
  sender: Line,
  poll: Connection,
  hears: Pick<Hears, 'onFailure' | 'onMessage'>,
): Promise<Agent> {
  const { token, uri } = await service.agentToken(index);
  const read = async (path: string, bearer: string | undefined = token): Promise<Resource> =>
    parse<Resource>((await must(sender, { method: 'GET', path, token: bearer })).text);
  const send = (method: 'POST' | 'DELETE', path: string, json?: unknown) => must(sender, { method, path, token, json });

  const root = parse<Resource>((await must(sender, { method: 'GET', path: '/autodiscover/root' })).text);
  const user = await read(href(root, 'user'));
  const input = { userAgent: 'bench', culture: 'en-us', endpointId: randomUUID() };
  const created = parse<Resource>((await send('POST', href(user, 'applications'), input)).text);
  await send('POST', href(created._embedded?.me, 'makeMeAvailable'), { supportedModalities: ['Messaging'] });

  const arrivals = new Arrivals<WireEvent>();
  const listening: Hears = {
    ...hears,
    onEvent: (event, sender) => {
      const resource = event._embedded?.[event.link.rel];
      if (event.link.rel === 'messaging') arrivals.arrived(`messaging ${String(resource?.state)} ${sender}`, event);
      else if (event.link.rel === 'onlineMeetingInvitation' && event.type === 'started')
        arrivals.arrived(`invited ${String(resource?.onlineMeetingUri)}`, event);
    },
  };
  const channel = openChannel('agent', poll, href(created, 'events'), token, listening);

  return {
    uri,
    token,
    sender,
    poll: channel,
    join: async (onlineMeetingUri) => {
      const ringing = await arrivals.wait(`invited ${onlineMeetingUri}`);
      const invitation = ringing._embedded?.onlineMeetingInvitation;
      const conversation = href(invitation, 'conversation');
      await send('POST', href(invitation, 'accept'));
      const disconnected = await arrivals.wait(`messaging Disconnected ${conversation}`);
      await send('POST', href(disconnected._embedded?.messaging, 'addMessaging'), { operationId: randomUUID() });
      const connected = await arrivals.wait(`messaging Connected ${conversation}`);
      return { sendPath: href(connected._embedded?.messaging, 'sendMessage') };
    },
    stopReading: () => {
      listening.onEvent = undefined;
      arrivals.clear();
    },
    signOut: async () => {
      channel.cut();
      await send('DELETE', href(created, 'self'));
    },
  };
}
