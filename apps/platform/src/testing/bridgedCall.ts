/**
 * A tenant and one bridged call over HTTP against any running platform: set up, invited, bridged, the agent in the meeting.
 * Speaks the wire only, so that it also plays on earlier releases.
 */
import type { Resource } from '@repo/ucwa-protocol/hal';
import { wordOf } from '@repo/ucwa-protocol/rels';
import type { CallbackReceiver, Told } from './callbackReceiver.ts';
import { createChannelReader, createHttpActor, type HttpActor, linkOf, resourceOf } from './httpActor.ts';

export const domain = 'contoso.com';
export const helpdeskUri = 'sip:helpdesk@contoso.com';
export const annUri = 'sip:ann@contoso.com';
export const shopOrigin = 'https://shop.example';
const clientSecret = 'secret-of-the-service-application';
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

/** How long a step may take: nodes are killed in some tests. */
const patienceMs = 20_000;

/** One side of the call: who it is, where it hears and where it speaks. */
export interface Speaker {
  readonly token: string;
  readonly actor: HttpActor;
  /** Href of the next batch of its channel. */
  readonly eventsHref: string;
  readonly sendHref: string;
}

export interface BridgedCall {
  readonly serviceToken: string;
  readonly sa: HttpActor;
  readonly visitor: Speaker;
  readonly agent: Speaker;
  /** The SA's views: the visitor's leg and the meeting. */
  readonly c1Href: string;
  readonly c2Href: string;
}

/** @param callbackHost host and port that may be called back */
export async function setUpTenant(
  origin: string,
  operatorToken: string,
  { host, url }: Pick<CallbackReceiver, 'host' | 'url'>,
): Promise<void> {
  const operator = createHttpActor(origin, operatorToken);
  const put = async (path: string, body: object): Promise<void> => {
    const { status } = await operator.send('PUT', `/management/tenants/${domain}${path}`, body);
    if (status !== 200 && status !== 201) throw new Error(`PUT ${path} was answered ${status}`);
  };
  await put('', { displayName: 'Contoso', allowedOrigins: ['https://desk.example'] });
  await put('/applications/desk', {
    displayName: 'Desk',
    audience: 'https://desk.example',
    clientSecret,
    actForUsers: true,
    callbackHosts: [host],
    callbackCidrs: ['127.0.0.0/8', '::1/128'],
  });
  await put(`/endpoints/${helpdeskUri}`, { clientId: 'desk', displayName: 'Help desk', callbackUrl: url });
  await put(`/people/${annUri}`, { displayName: 'Ann' });
}

/** Plays steps 1 to 15 of reference/call-flow.md. @param visit the SA's name for the visit */
export async function bridgeCall(origin: string, receiver: CallbackReceiver, visit: string): Promise<BridgedCall> {
  const serviceToken = await tokenFor(origin, {
    grant_type: 'client_credentials',
    client_id: 'desk',
    client_secret: clientSecret,
  });
  const sa = createHttpActor(origin, serviceToken);
  const { visitor, ccHref, channel } = await ring(sa, origin, visit);
  const isOwn = ({ event }: Told): boolean => resourceOf(event).subject === `From ${visit}`;
  const incoming = resourceOf((await receiver.event('messagingInvitation', isOwn)).event);

  const { c2, c2Href } = await bridge(sa, receiver, incoming, visit);
  await channel.until('messagingInvitation', ({ type }) => type === 'completed');
  const ccMessaging = (await visitor.actor.send('GET', `${ccHref}/messaging`)).resource;
  const agent = await joinAgent(sa, origin, serviceToken, c2, visit);
  return {
    serviceToken,
    sa,
    visitor: { ...visitor, eventsHref: channel.next(), sendHref: linkOf(ccMessaging, 'sendMessage') },
    agent,
    c1Href: linkOf(incoming, 'conversation'),
    c2Href,
  };
}

/** The visitor: token, application, invitation. */
async function ring(sa: HttpActor, origin: string, visit: string) {
  const discover = (await sa.send('GET', '/platformservice/discover')).resource;
  const applications = await sa.send('GET', `${linkOf(discover, 'applications')}?endpointId=${helpdeskUri}`);
  const application = (await sa.send('GET', linkOf(applications.resource, 'application'))).resource;
  const issued = await sa.send('POST', linkOf(application, 'anonApplicationTokens'), {
    applicationSessionId: visit,
    allowedOrigins: shopOrigin,
  });
  const token = String(issued.resource.token);
  const actor = createHttpActor(origin, token);
  const ucwa = (await actor.send('GET', linkOf(issued.resource, 'discover'))).resource;
  const made = await actor.send('POST', linkOf(ucwa, 'anonApplications'), {
    anonymousDisplayName: 'Vera',
    userAgent: 'widget',
    culture: 'en-us',
  });
  const channel = createChannelReader(actor, linkOf(made.resource, 'events'), patienceMs);
  await actor.send('POST', linkOf(made.resource._embedded?.communication as Resource, 'startMessaging'), {
    operationId: `${visit}-ring`,
    to: helpdeskUri,
    subject: `From ${visit}`,
    threadId: visit,
  });
  const ccHref = linkOf(resourceOf(await channel.until('messagingInvitation')), 'conversation');
  return { visitor: { token, actor }, ccHref, channel };
}

/** The SA: meeting, its messaging, the bridge, the agent named and heard. */
async function bridge(sa: HttpActor, receiver: CallbackReceiver, incoming: Resource, visit: string) {
  await sa.send('POST', linkOf(incoming, 'startAdhocMeeting'), {
    operationId: `${visit}-meet`,
    subject: `From ${visit}`,
    callbackContext: visit,
  });
  const isOwn = ({ event }: Told): boolean => resourceOf(event).operationId === `${visit}-meet`;
  const { event } = await receiver.event(
    'onlineMeetingInvitation',
    (told) => told.event.type === 'completed' && isOwn(told),
  );
  const onlineMeetingUri = String(resourceOf(event).onlineMeetingUri);
  const c2Href = linkOf(resourceOf(event), 'conversation');
  const c2 = (await sa.send('GET', c2Href)).resource;
  const messaging = (await sa.send('GET', linkOf(c2, 'messaging'))).resource;
  await sa.send('POST', linkOf(messaging, 'addMessaging'), { operationId: `${visit}-chat` });
  await receiver.event(
    'messagingInvitation',
    (told) => told.event.status === 'Success' && resourceOf(told.event).operationId === `${visit}-chat`,
  );
  await sa.send('POST', linkOf(incoming, 'acceptAndBridge'), {
    onlineMeetingUri,
    impersonatedDisplayName: 'Contoso help',
  });
  const leg = linkOf(incoming, 'conversation');
  const bridged = await receiver.event(
    'conversationBridge',
    (told) => told.event.type === 'added' && told.sender.href === leg,
  );
  await sa.send('POST', linkOf(resourceOf(bridged.event), 'bridgedParticipants'), {
    displayName: 'Ann C.',
    participantUri: annUri,
    messageFilterState: 'Disabled',
  });
  return { c2, c2Href };
}

async function joinAgent(
  sa: HttpActor,
  origin: string,
  serviceToken: string,
  c2: Resource,
  visit: string,
): Promise<Speaker> {
  const token = await tokenFor(origin, {
    grant_type: tokenExchange,
    subject_token: serviceToken,
    subject_token_type: accessToken,
    requested_subject: annUri,
  });
  const actor = createHttpActor(origin, token);
  const user = (await actor.send('GET', '/ucwa/oauth/v1/user')).resource;
  const application = await actor.send('POST', linkOf(user, 'applications'), {
    userAgent: 'desk',
    endpointId: visit,
    culture: 'en-us',
  });
  const me = application.resource._embedded?.me as Resource;
  await actor.send('POST', linkOf(me, 'makeMeAvailable'), { supportedModalities: ['Messaging'] });
  const channel = createChannelReader(actor, linkOf(application.resource, 'events'), patienceMs);
  await sa.send('POST', linkOf(c2, 'addParticipant'), { operationId: `${visit}-agent`, to: annUri });
  const ringing = resourceOf(await channel.until('onlineMeetingInvitation'));
  await actor.send('POST', linkOf(ringing, 'accept'));
  const completed = await channel.until('onlineMeetingInvitation', ({ type }) => type === 'completed');
  const own = (await actor.send('GET', linkOf(resourceOf(completed), 'conversation'))).resource;
  const messaging = (await actor.send('GET', linkOf(own, 'messaging'))).resource;
  await actor.send('POST', linkOf(messaging, 'addMessaging'), {});
  await channel.until('messagingInvitation', ({ status }) => status === 'Success');
  const connected = (await actor.send('GET', linkOf(own, 'messaging'))).resource;
  return { token, actor, eventsHref: channel.next(), sendHref: linkOf(connected, 'sendMessage') };
}

async function tokenFor(origin: string, fields: Record<string, string>): Promise<string> {
  const response = await fetch(`${origin}/oauth2/${domain}/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`The token request was answered ${response.status}`);
  return token;
}

/** The texts of the messages in events, in their order; what was typed by the reader itself is left out. */
export function incomingTexts(events: readonly { readonly link: { readonly rel: string } }[]): string[] {
  return events.flatMap((event) => {
    if (wordOf(event.link.rel) !== 'message') return [];
    const resource = resourceOf(event as Parameters<typeof resourceOf>[0]);
    const link = resource._links?.plainMessage as { href: string } | undefined;
    if (resource.direction !== 'Incoming' || link === undefined) return [];
    return [decodeURIComponent(link.href.slice(link.href.indexOf(',') + 1).replaceAll('+', ' '))];
  });
}
