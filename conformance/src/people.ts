/** Persons and visitors beyond those of the story, whose event channels the test reads itself. */
import { randomUUID } from 'node:crypto';
import { type Caller, createCaller } from './caller.ts';
import type { EventBatch } from './eventLog.ts';
import { embeddedOf, hrefOf, type Resource, s } from './hal.ts';
import { must, pageOrigin, type Story } from './story.ts';
import { target } from './target.ts';
import { type Answer, send } from './wire.ts';

export interface SignedIn {
  readonly caller: Caller;
  readonly application: Resource;
  readonly created: Answer;
  /** Address of an event channel, absolute. */
  readonly eventsUrl: string;
}

export interface PersonWish {
  readonly endpointId?: string;
  readonly instanceId?: string;
  readonly userAgent?: string;
  /** Default: makeMeAvailable with Messaging. */
  readonly lurking?: boolean;
}

/** The address where agents post applications. */
export async function applicationsUrl(caller: Caller): Promise<string> {
  const root = must(await send('GET', target().agentRootUrl), 200);
  const user = await caller.read(new URL(hrefOf(root.resource, 'user'), target().agentRootUrl).href);
  return caller.resolve(hrefOf(user, 'applications'));
}

/** One more application of a person. Nobody reads its channel. */
export async function signInPerson(story: Story, uri: string, wish: PersonWish = {}): Promise<SignedIn> {
  const caller = createCaller(target().baseUrl, await story.site.agentToken(uri));
  const { lurking = false, ...named } = wish;
  const json = { userAgent: 'people/1.0', culture: 'en-us', endpointId: randomUUID(), ...named };
  const created = must(await caller.send('POST', await applicationsUrl(caller), { json }), 201, 200);
  const signedIn = signedInAs(caller, created);
  if (!lurking) {
    const available = hrefOf(embeddedOf(created.resource, 'me'), 'makeMeAvailable');
    must(await caller.send('POST', available, { json: { SupportedModalities: ['Messaging'] } }), 204);
  }
  return signedIn;
}

export interface VisitorToken {
  readonly token: string;
  readonly discoverHref: string;
  readonly sessionId: string;
}

/** A visitor's token from the service application; with `meetingUrl` the meeting variant. */
export async function visitorToken(
  story: Story,
  meetingUrl?: string,
  sessionId: string = randomUUID(),
): Promise<VisitorToken> {
  const { application } = await story.capabilities();
  const json = {
    applicationSessionId: sessionId,
    allowedOrigins: pageOrigin,
    ...(meetingUrl === undefined ? {} : { meetingUrl }),
  };
  const href = hrefOf(application.resource, s('anonApplicationTokens'));
  const { resource } = must(await story.service.send('POST', href, { json }), 200, 201);
  return { token: String(resource.token), discoverHref: hrefOf(resource, s('discover')), sessionId };
}

export async function signInVisitor(
  story: Story,
  given?: VisitorToken,
  json: object = { anonymousDisplayName: 'Quiet', userAgent: 'people/1.0', culture: 'en-us' },
): Promise<SignedIn> {
  const { token, discoverHref } = given ?? (await visitorToken(story));
  const headers = { Origin: pageOrigin };
  const discover = must(await send('GET', discoverHref, { headers }), 200);
  const url = new URL(hrefOf(discover.resource, 'anonApplications'), discoverHref).href;
  const caller = createCaller(url, token, headers);
  return signedInAs(caller, must(await caller.send('POST', url, { json }), 201));
}

function signedInAs(caller: Caller, created: Answer): SignedIn {
  const application = created.resource;
  return { caller, application, created, eventsUrl: caller.resolve(hrefOf(application, 'events')) };
}

/** The batch of an answer. */
export const batchOf = (answer: Answer): EventBatch => answer.resource as unknown as EventBatch;

/** Rel and type of every event of a batch, in their order. */
export const eventsOf = (batch: EventBatch): string[] =>
  (batch.sender ?? []).flatMap(({ events }) => events.map(({ link, type }) => `${link.rel} ${type}`));

/** Calls somebody. @returns the invitation's address */
export async function startMessaging(from: SignedIn, to: string, more: object = {}): Promise<string> {
  const href = hrefOf(embeddedOf(from.application, 'communication'), 'startMessaging');
  const json = { operationId: randomUUID(), threadId: randomUUID(), to, ...more };
  const answer = must(await from.caller.send('POST', href, { json }), 201);
  return from.caller.resolve(String(answer.headers.location));
}
