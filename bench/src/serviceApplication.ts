/** The service application of the run: registers a tenant, answers callbacks, bridges calls; and its agents. */
import { randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Arrivals } from './arrivals.ts';
import { type EventBatch, href, parse, type Resource, type WireEvent } from './hal.ts';
import { must } from './http.ts';
import { openChannel } from './ucwaChannel.ts';

export interface BenchAgent {
  readonly uri: string;
  readonly token: string;
  readonly base: string;
  readonly arrivals: Arrivals<WireEvent>;
  /** Who hears the incoming messages of a conversation. */
  readonly onMessage: Map<string, () => void>;
  stop(): Promise<void>;
}

export interface Bridged {
  readonly agentConversation: string;
  readonly agentUrl: string;
}

export interface ServiceApplication {
  readonly endpointUri: string;
  readonly anonApplicationsUrl: string;
  anonToken(): Promise<string>;
  signIn(index: number): Promise<BenchAgent>;
  /** Steps 7 to 14 for the call with this threadId. */
  bridge(threadId: string, agent: BenchAgent): Promise<Bridged>;
  callbacks(): number;
  close(): Promise<void>;
}

/** Invitations by what the caller chose, everything else by its conversation. */
function namesOf(event: WireEvent, sender: string): string[] {
  const { link, type } = event;
  const resource = event._embedded?.[link.rel];
  if (link.rel === 'messaging') return [`messaging ${String(resource?.state)} ${sender}`];
  if (link.rel === 'conversation') return [`conversation ${String(resource?.state)} ${link.href}`];
  if (!link.rel.endsWith('Invitation')) return [`${link.rel} ${type} ${sender}`];
  return [`${link.rel} ${type} ${String(resource?.operationId)}`, `${link.rel} ${type} ${String(resource?.threadId)}`];
}

async function listen(onBatch: (batch: EventBatch) => void): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      response.writeHead(200).end();
      if (text !== '') onBatch(parse<EventBatch>(text));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Registers a tenant with so many agents and starts the callback server. */
export async function startServiceApplication(
  baseUrl: string,
  operatorToken: string,
  agents: number,
  onFailure: (error: Error) => void,
): Promise<ServiceApplication> {
  const arrivals = new Arrivals<WireEvent>();
  let batches = 0;
  const server = await listen((batch) => {
    batches += 1;
    for (const { events, href: sender } of batch.sender ?? [])
      for (const event of events)
        if (!['message', 'participant', 'participantMessaging'].includes(event.link.rel))
          for (const name of namesOf(event, sender)) arrivals.arrived(name, event);
  });
  const { port } = server.address() as AddressInfo;
  const domain = 'bench.example';
  const endpointUri = `sip:helpdesk@${domain}`;
  const clientId = randomUUID();
  const clientSecret = randomBytes(24).toString('base64url');
  const manage = (path: string, json: unknown): Promise<unknown> =>
    must({ method: 'PUT', url: `${baseUrl}/management/tenants/${domain}${path}`, token: operatorToken, json });
  await manage('', { displayName: 'Bench', allowedOrigins: [] });
  await manage(`/applications/${clientId}`, {
    displayName: 'Bench',
    audience: 'https://bench.example',
    callbackHosts: [`127.0.0.1:${port}`],
    actForUsers: true,
    clientSecret,
  });
  const callbackUrl = `http://127.0.0.1:${port}/callback`;
  await manage(`/endpoints/${encodeURIComponent(endpointUri)}`, { clientId, displayName: 'Bench', callbackUrl });
  const agentUri = (index: number): string => `sip:agent${index}@${domain}`;
  for (let index = 0; index < agents; index += 1)
    await manage(`/people/${encodeURIComponent(agentUri(index))}`, { displayName: `Agent ${index}` });

  const tokenUrl = `${baseUrl}/oauth2/${domain}/token`;
  const tokenFor = async (form: Record<string, string>): Promise<string> =>
    String(parse<Resource>((await must({ method: 'POST', url: tokenUrl, form })).text).access_token);
  const token = await tokenFor({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });

  const absolute = (reference: string, base = baseUrl): string => new URL(reference, base).href;
  const read = async (reference: string, base = baseUrl, bearer: string | null = token): Promise<Resource> =>
    parse<Resource>((await must({ method: 'GET', url: absolute(reference, base), token: bearer ?? undefined })).text);
  const post = (reference: string, json: unknown): Promise<unknown> =>
    must({ method: 'POST', url: absolute(reference), token, json });

  const discover = await read('/platformservice/discover');
  const applications = await read(`${href(discover, 'applications')}?endpointId=${endpointUri}`);
  const application = await read(href(applications, 'application'));
  const tokensHref = href(application, 'anonApplicationTokens');
  const anonToken = async (): Promise<Resource> => {
    const json = { applicationSessionId: randomUUID(), allowedOrigins: 'https://www.bench.example' };
    return parse<Resource>((await must({ method: 'POST', url: absolute(tokensHref), token, json })).text);
  };
  const visitorDiscover = await read(href(await anonToken(), 'discover'), baseUrl, null);

  const signIn = async (index: number): Promise<BenchAgent> => {
    const uri = agentUri(index);
    const own = await tokenFor({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: uri,
    });
    const root = await read('/autodiscover/root', baseUrl, null);
    const base = absolute(href(root, 'user'));
    const user = await read(base, base, own);
    const json = { userAgent: 'bench', culture: 'en-us', endpointId: randomUUID() };
    const url = absolute(href(user, 'applications'), base);
    const created = parse<Resource>((await must({ method: 'POST', url, token: own, json })).text);
    const available = absolute(href(created._embedded?.me, 'makeMeAvailable'), base);
    await must({ method: 'POST', url: available, token: own, json: { supportedModalities: ['Messaging'] } });
    const ownArrivals = new Arrivals<WireEvent>();
    const onMessage = new Map<string, () => void>();
    const onEvent = (event: WireEvent, sender: string): void => {
      const { link, type } = event;
      const resource = event._embedded?.[link.rel];
      if (link.rel === 'message') {
        if (resource?.direction === 'Incoming') onMessage.get(sender)?.();
      } else if (link.rel === 'messaging') ownArrivals.arrived(`messaging ${String(resource?.state)} ${sender}`, event);
      else if (link.rel === 'onlineMeetingInvitation') {
        const about = type === 'started' ? String(resource?.onlineMeetingUri) : link.href;
        ownArrivals.arrived(`${link.rel} ${type} ${about}`, event);
      }
    };
    const channel = openChannel(absolute(href(created, 'events'), base), own, onEvent, onFailure);
    return { uri, token: own, base, arrivals: ownArrivals, onMessage, stop: () => channel.stop() };
  };

  const bridge = async (threadId: string, agent: BenchAgent): Promise<Bridged> => {
    const incoming = (await arrivals.wait(`messagingInvitation started ${threadId}`))._embedded?.messagingInvitation;
    const c1 = href(incoming, 'conversation');
    const meetingId = randomUUID();
    const meeting = { operationId: meetingId, subject: 'bench', callbackContext: meetingId };
    await post(href(incoming, 'startAdhocMeeting'), meeting);
    const done = await arrivals.wait(`onlineMeetingInvitation completed ${meetingId}`);
    const invitation = done._embedded?.onlineMeetingInvitation;
    const c2 = href(invitation, 'conversation');
    const disconnected = await arrivals.wait(`messaging Disconnected ${c2}`);
    const messagingId = randomUUID();
    await post(href(disconnected._embedded?.messaging, 'addMessaging'), { operationId: messagingId });
    await arrivals.wait(`messagingInvitation completed ${messagingId}`);
    const onlineMeetingUri = String(invitation?.onlineMeetingUri);
    await post(href(incoming, 'acceptAndBridge'), { impersonatedDisplayName: 'Bench', onlineMeetingUri });
    const bridged = await arrivals.wait(`conversationBridge added ${c1}`);
    const participant = { displayName: 'Ann', participantUri: agent.uri, messageFilterState: 'Disabled' };
    await post(href(bridged._embedded?.conversationBridge, 'bridgedParticipants'), participant);
    const conversation = await arrivals.wait(`conversation Conferenced ${c2}`);
    const invite = { operationId: randomUUID(), to: agent.uri };
    await post(href(conversation._embedded?.conversation, 'addParticipant'), invite);
    return joinAs(agent, onlineMeetingUri);
  };

  const joinAs = async (agent: BenchAgent, onlineMeetingUri: string): Promise<Bridged> => {
    const ringing = await agent.arrivals.wait(`onlineMeetingInvitation started ${onlineMeetingUri}`);
    const resource = ringing._embedded?.onlineMeetingInvitation;
    const agentConversation = href(resource, 'conversation');
    await must({ method: 'POST', url: absolute(href(resource, 'accept'), agent.base), token: agent.token });
    const disconnected = await agent.arrivals.wait(`messaging Disconnected ${agentConversation}`);
    const url = absolute(href(disconnected._embedded?.messaging, 'addMessaging'), agent.base);
    await must({ method: 'POST', url, token: agent.token, json: { operationId: randomUUID() } });
    const connected = await agent.arrivals.wait(`messaging Connected ${agentConversation}`);
    return { agentConversation, agentUrl: absolute(href(connected._embedded?.messaging, 'sendMessage'), agent.base) };
  };

  return {
    endpointUri,
    anonApplicationsUrl: absolute(href(visitorDiscover, 'anonApplications')),
    anonToken: async () => String((await anonToken()).token),
    signIn,
    bridge,
    callbacks: () => batches,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
