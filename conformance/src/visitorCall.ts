/** More visitors than the one of the story, and what a service application does with any of them. */
import { randomUUID } from 'node:crypto';
import { type Caller, createCaller } from './caller.ts';
import { type EventChannel, openEventChannel } from './eventChannel.ts';
import type { Occurrence } from './eventLog.ts';
import { dataText, embeddedOf, hrefOf, type Resource, s } from './hal.ts';
import { must, pageOrigin, type SignedInAgent, type Story } from './story.ts';
import { type Answer, send } from './wire.ts';

/** A visitor who has signed in. */
export interface Visitor {
  readonly name: string;
  readonly uri: string;
  readonly caller: Caller;
  readonly channel: EventChannel;
  readonly created: Answer;
  readonly startHref: string;
}

/** A visitor whose call rings at the service application. */
export interface RingingVisitor extends Visitor {
  readonly conversationHref: string;
  readonly invitation: Resource;
  readonly c1Href: string;
}

/** Token, discover, application, event channel. */
export async function signInVisitor(story: Story, name: string): Promise<Visitor> {
  const { application } = await story.capabilities();
  const tokenJson = { applicationSessionId: randomUUID(), allowedOrigins: pageOrigin };
  const tokenHref = hrefOf(application.resource, s('anonApplicationTokens'));
  const issued = must(await story.service.send('POST', tokenHref, { json: tokenJson }), 200, 201).resource;
  const token = String(issued.token);
  const headers = { Origin: pageOrigin };
  const discoverHref = hrefOf(issued, s('discover'));
  const discovered = must(await send('GET', discoverHref, { headers }), 200).resource;
  const rootUrl = new URL(hrefOf(discovered, 'anonApplications'), discoverHref).href;
  const caller = createCaller(rootUrl, token, headers);
  const json = { anonymousDisplayName: name, userAgent: 'conformance/1.0', culture: 'en-us' };
  const created = must(await caller.send('POST', rootUrl, { json }), 201);
  const eventsUrl = caller.resolve(hrefOf(created.resource, 'events'));
  const channel = openEventChannel({ name, eventsUrl, token, headers });
  story.keep(channel, () => caller.send('DELETE', hrefOf(created.resource, 'self')));
  const uri = String(embeddedOf(created.resource, 'me').uri);
  const startHref = hrefOf(embeddedOf(created.resource, 'communication'), 'startMessaging');
  return { name, uri, caller, channel, created, startHref };
}

/** A new visitor calls the helpdesk. */
export async function ringAs(story: Story, name: string): Promise<RingingVisitor> {
  const visitor = await signInVisitor(story, name);
  const threadId = randomUUID();
  const json = { operationId: randomUUID(), to: story.site.endpointUri, subject: `${name} asks`, threadId };
  must(await visitor.caller.send('POST', visitor.startHref, { json }), 201);
  const own = ({ resource }: Occurrence): boolean => resource.threadId === threadId;
  const calling = await visitor.channel.log.wait({ rel: 'messagingInvitation', type: 'started', where: own });
  const { resource } = await story.receiver.log.wait({ rel: s('messagingInvitation'), type: 'started', where: own });
  return {
    ...visitor,
    conversationHref: hrefOf(calling.resource, 'conversation'),
    invitation: resource,
    c1Href: hrefOf(resource, s('conversation')),
  };
}

/** The service application accepts the call into a meeting and waits until both sides are connected. */
export async function bridge(story: Story, visitor: RingingVisitor, onlineMeetingUri: string): Promise<Answer> {
  const json = { impersonatedDisplayName: 'Contoso Help', onlineMeetingUri };
  const href = hrefOf(visitor.invitation, s('acceptAndBridge'));
  const answer = must(await story.service.send('POST', href, { json }), 200, 201);
  const own = ({ resource }: Occurrence): boolean => hrefOf(resource, s('conversation')) === visitor.c1Href;
  await story.receiver.log.wait({ rel: s('messagingInvitation'), type: 'completed', where: own });
  await visitor.channel.log.wait({ rel: 'messagingInvitation', type: 'completed' });
  return answer;
}

/** Names somebody of the meeting to one visitor's leg. @returns the address of the entry */
export async function allow(
  story: Story,
  c1Href: string,
  participantUri: string,
  displayName: string,
  messageFilterState: 'Enabled' | 'Disabled' = 'Disabled',
): Promise<string> {
  const conversation = await story.service.read(c1Href);
  const entry = await story.service.read(hrefOf(conversation, s('conversationBridge')));
  const json = { displayName, participantUri, messageFilterState };
  const answer = must(await story.service.send('POST', hrefOf(entry, s('bridgedParticipants')), { json }), 201);
  return new URL(String(answer.headers.location), answer.url).href;
}

/** Calls a signed-in agent into the story's meeting and lets him join its chat. @returns his conversation */
export async function callIn(story: Story, agent: SignedInAgent): Promise<string> {
  const earlier = agent.channel.log.all({ rel: 'onlineMeetingInvitation', type: 'started' }).length;
  await story.invite(agent.uri, `call ${randomUUID()}`);
  const ringing = await agent.channel.log.wait({
    rel: 'onlineMeetingInvitation',
    type: 'started',
    where: (o) => agent.channel.log.all({ rel: 'onlineMeetingInvitation', type: 'started' }).indexOf(o) >= earlier,
  });
  await story.join(agent, ringing);
  return hrefOf(ringing.resource, 'conversation');
}

/** Says a text in one of the caller's conversations, whatever face it is on. */
export async function sayIn(
  caller: Caller,
  conversationHref: string,
  text: string,
  type = 'text/plain',
): Promise<Answer> {
  const word = conversationHref.toLowerCase().includes('/platformservice/') ? s : (name: string): string => name;
  const conversation = await caller.read(conversationHref);
  const messaging = await caller.read(hrefOf(conversation, word('messaging')));
  return must(await caller.send('POST', hrefOf(messaging, word('sendMessage')), { text, contentType: type }), 201);
}

/** The text of a message event, empty for any other. */
export function textOf({ event, resource }: Occurrence): string {
  if (!event.link.rel.endsWith('message')) return '';
  const link = ['plainMessage', 'htmlMessage'].find((rel) => resource._links?.[rel] !== undefined);
  return link === undefined ? '' : dataText(hrefOf(resource, link));
}

/** Everything incoming that a receiver was told, as texts in order. */
export function heardBy(channel: EventChannel): string[] {
  return channel.log
    .all({ type: 'completed', where: ({ resource }) => resource.direction === 'Incoming' })
    .map(textOf)
    .filter((text) => text !== '');
}

/** Waits until a receiver was told a text. */
export function hears(channel: { readonly log: EventChannel['log'] }, text: string): Promise<Occurrence> {
  return channel.log.wait({ type: 'completed', where: (occurrence) => textOf(occurrence) === text });
}
