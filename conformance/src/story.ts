/**
 * One run of the call flow, by plain HTTP. Each step is a method that plays the steps before it first and is played
 * once; what it returns is what the actor got to see. Hrefs come from answers and callbacks; only the two addresses
 * where a stranger starts (discover, the agents' root) are known beforehand.
 *
 * Phases: A the service application starts (discover .. anonToken), B the visitor calls (widgetDiscover .. callback),
 * C meeting and bridge (startAdhocMeeting .. welcome), D the agent (signInAgent .. agentMessage), E the end
 * (closeChat .. terminate).
 */
import { randomUUID } from 'node:crypto';
import { type CallbackReceiver, startCallbackReceiver } from './callbackReceiver.ts';
import { type Caller, createCaller } from './caller.ts';
import { type EventChannel, openEventChannel } from './eventChannel.ts';
import type { Occurrence } from './eventLog.ts';
import { embeddedOf, hrefOf, type Resource, s, withQuery } from './hal.ts';
import { createSite, type Site } from './site.ts';
import { target } from './target.ts';
import { type Answer, send } from './wire.ts';

export const pageOrigin = 'https://www.contoso.example';
export const visitorName = 'Vera Visitor';
export const firstWords = 'Where is my parcel?';
export const customContent = 'data:application/json,%7b%22page%22%3a%22%2fcart%22%7d';
export const welcomeText = 'Welcome, please hold the line. 50% wait < 1 minute & a "moment" – ok?';
/** Characters that must survive being appended to an URL. */
export const contextOfC1 = '{"session":"a b&c=d/é"}';
export const contextOfC2 = 'meeting {"leg":"C2"}';
export const impersonatedName = 'Contoso Help';
export const bridgedName = 'Ann from Contoso';

/** Runs the work at the first call and gives every call the same outcome. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let outcome: Promise<T> | undefined;
  return () => {
    outcome ??= work();
    return outcome;
  };
}

/** @throws Error that shows the answer, when its status is another. */
export function must(answer: Answer, ...statuses: number[]): Answer {
  if (!statuses.includes(answer.status)) throw new Error(`${answer.url}: ${answer.status} ${answer.text}`);
  return answer;
}

/** Whether an event is about one conversation: sent by it, about it, or an invitation that names it. */
export function concerns(occurrence: Occurrence, conversationHref: string): boolean {
  const { event, resource, sender } = occurrence;
  if (sender.href === conversationHref || event.link.href === conversationHref) return true;
  const links = resource._links ?? {};
  const named = links[s('conversation')] ?? links.conversation;
  return named !== undefined && !Array.isArray(named) && (named as { href: string }).href === conversationHref;
}

export interface SignedInAgent {
  readonly uri: string;
  readonly caller: Caller;
  readonly channel: EventChannel;
  readonly root: Answer;
  readonly challenge: Answer;
  readonly created: Answer;
}

export interface StoryWish {
  readonly permissions?: readonly string[];
  /** May speak in another name. */
  readonly privileged?: boolean;
  readonly allowedOrigins?: string;
}

export class Story {
  readonly receiver: CallbackReceiver;
  readonly site: Site;
  readonly service: Caller;
  readonly operation = (name: string): string => `${this.#id}:${name}`.slice(0, 50);
  readonly #id = randomUUID();
  readonly #wish: StoryWish;
  readonly #channels: EventChannel[] = [];
  /** What to take down at the end, in this order. */
  readonly #farewells: (() => Promise<unknown>)[] = [];

  private constructor(receiver: CallbackReceiver, site: Site, token: string, wish: StoryWish) {
    this.receiver = receiver;
    this.site = site;
    this.service = createCaller(target().baseUrl, token);
    this.#wish = wish;
  }

  /** Registers a customer and starts the service application's callback server. Close it at the end. */
  static async begin(wish: StoryWish = {}): Promise<Story> {
    const receiver = await startCallbackReceiver();
    try {
      const site = await createSite({
        callbackUrl: receiver.url,
        callbackHosts: [receiver.hostPort, '127.0.0.1:1'],
        ...(wish.permissions ? { permissions: wish.permissions } : {}),
        ...(wish.privileged ? { privileged: true } : {}),
      });
      receiver.answer = ({ batch, query }) => {
        const first = !query.has('callbackContext') && (batch.sender ?? []).length > 0;
        return first ? { status: 200, json: { CallbackContext: contextOfC1 } } : { status: 200 };
      };
      return new Story(receiver, site, await site.serviceToken(), wish);
    } catch (cause) {
      await receiver.close();
      throw cause;
    }
  }

  /** Signs everybody out and hears the last callbacks, so that the next story on the same endpoint starts clean. */
  async close(): Promise<void> {
    for (const channel of this.#channels) await channel.stop();
    // What a test has ended itself cannot be ended again.
    for (const farewell of this.#farewells) await farewell().catch(() => {});
    await this.receiver.close();
  }

  /** Takes care of an actor that a test brought in itself. */
  keep(channel: EventChannel, farewell: () => Promise<unknown>): void {
    this.#channels.push(channel);
    this.#farewells.push(farewell);
  }

  async #leave(conversationHref: string): Promise<void> {
    await this.service.send('DELETE', conversationHref);
    const where = ({ event }: Occurrence): boolean => event.link.href === conversationHref;
    await this.receiver.log.wait({ rel: s('conversation'), type: 'deleted', where }, 1_000);
  }

  // Phase A

  readonly discover = once(async () => {
    const answer = must(await send('GET', `${target().baseUrl}/platformservice/discover`), 200);
    return { answer, applicationsHref: hrefOf(answer.resource, s('applications')) };
  });

  readonly capabilities = once(async () => {
    const { applicationsHref } = await this.discover();
    const challenge = await send('GET', applicationsHref);
    const ownHref = withQuery(applicationsHref, 'endpointId', this.site.endpointUri);
    const applications = must(await this.service.send('GET', ownHref), 200);
    const application = must(await this.service.send('GET', hrefOf(applications.resource, s('application'))), 200);
    return { challenge, applications, application, ownHref };
  });

  readonly anonToken = once(async () => {
    const { application } = await this.capabilities();
    const href = hrefOf(application.resource, s('anonApplicationTokens'));
    const json = {
      applicationSessionId: this.#id,
      allowedOrigins: this.#wish.allowedOrigins ?? `${pageOrigin}/some/path;http://other.example:8080`,
    };
    const answer = must(await this.service.send('POST', href, { json }), 200, 201);
    const token = String(answer.resource.token);
    return { answer, token, sessionId: this.#id, discoverHref: hrefOf(answer.resource, s('discover')) };
  });

  // Phase B

  readonly widgetDiscover = once(async () => {
    const { discoverHref } = await this.anonToken();
    const answer = must(await send('GET', discoverHref, { headers: { Origin: pageOrigin } }), 200);
    const anonApplicationsUrl = new URL(hrefOf(answer.resource, 'anonApplications'), discoverHref).href;
    return { answer, anonApplicationsUrl };
  });

  readonly session = once(async () => {
    const { anonApplicationsUrl } = await this.widgetDiscover();
    const { token } = await this.anonToken();
    const headers = { Origin: pageOrigin };
    const visitor = createCaller(anonApplicationsUrl, token, headers);
    const json = { AnonymousDisplayName: visitorName, UserAgent: 'conformance/1.0', Culture: 'en-us' };
    const created = must(await visitor.send('POST', anonApplicationsUrl, { json }), 201);
    const eventsUrl = visitor.resolve(hrefOf(created.resource, 'events'));
    const channel = openEventChannel({ name: 'visitor', eventsUrl, token, headers });
    this.#channels.push(channel);
    this.#farewells.push(() => visitor.send('DELETE', hrefOf(created.resource, 'self')));
    return { created, visitor, channel, eventsUrl };
  });

  readonly messagingInvitation = once(async () => {
    const { created, visitor, channel } = await this.session();
    const startHref = hrefOf(embeddedOf(created.resource, 'communication'), 'startMessaging');
    const operationId = this.operation('call');
    const json = {
      operationId,
      to: this.site.endpointUri,
      subject: firstWords,
      importance: 'Normal',
      threadId: `thread/${this.#id}=`,
      sessionContext: randomUUID(),
      _links: { customContent: { href: customContent } },
    };
    const answer = must(await visitor.send('POST', startHref, { json }), 201);
    const started = await channel.log.wait({ rel: 'messagingInvitation', type: 'started' });
    const conversationHref = hrefOf(started.resource, 'conversation');
    const connecting = await channel.log.wait({ rel: 'messaging', type: 'updated' });
    return { answer, started, conversationHref, connecting, operationId, threadId: json.threadId, startHref };
  });

  readonly callback = once(async () => {
    const { threadId } = await this.messagingInvitation();
    const where = ({ resource }: Occurrence): boolean => resource.threadId === threadId;
    const started = await this.receiver.log.wait({ rel: s('messagingInvitation'), type: 'started', where });
    const c1Href = hrefOf(started.resource, s('conversation'));
    this.#farewells.push(() => this.#leave(c1Href));
    return { started, invitation: started.resource, c1Href };
  });

  // Phase C

  readonly startAdhocMeeting = once(async () => {
    const { invitation } = await this.callback();
    const operationId = this.operation('meeting');
    const json = { operationId, subject: `${visitorName}: ${firstWords}`, callbackContext: contextOfC2 };
    const answer = must(await this.service.send('POST', hrefOf(invitation, s('startAdhocMeeting')), { json }), 201);
    const own = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
    const rel = s('onlineMeetingInvitation');
    const started = await this.receiver.log.wait({ rel, type: 'started', where: own });
    const completed = await this.receiver.log.wait({ rel, type: 'completed', where: own });
    const c2Href = hrefOf(started.resource, s('conversation'));
    this.#farewells.push(() => this.#leave(c2Href));
    return { answer, operationId, started, completed, c2Href, meetingUri: String(started.resource.onlineMeetingUri) };
  });

  readonly addMessaging = once(async () => {
    const { c2Href } = await this.startAdhocMeeting();
    const disconnected = await this.receiver.log.wait({
      rel: s('messaging'),
      type: 'updated',
      where: (occurrence) => concerns(occurrence, c2Href),
    });
    const before = await this.service.read(disconnected.event.link.href);
    const operationId = this.operation('addMessaging');
    const href = hrefOf(disconnected.resource, s('addMessaging'));
    const answer = must(await this.service.send('POST', href, { json: { operationId } }), 201);
    const own = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
    const completed = await this.receiver.log.wait({ rel: s('messagingInvitation'), type: 'completed', where: own });
    return { answer, operationId, disconnected, before, completed };
  });

  readonly acceptAndBridge = once(async () => {
    await this.addMessaging();
    const { channel } = await this.session();
    const { invitation, c1Href } = await this.callback();
    const { meetingUri } = await this.startAdhocMeeting();
    const json = { impersonatedDisplayName: impersonatedName, onlineMeetingUri: meetingUri };
    const answer = must(await this.service.send('POST', hrefOf(invitation, s('acceptAndBridge')), { json }), 200, 201);
    const own = (occurrence: Occurrence): boolean => concerns(occurrence, c1Href);
    const completed = await this.receiver.log.wait({ rel: s('messagingInvitation'), type: 'completed', where: own });
    const seen = await channel.log.wait({ rel: 'messagingInvitation', type: 'completed' });
    return { answer, completed, seen };
  });

  readonly conversationBridge = once(async () => {
    await this.acceptAndBridge();
    const added = await this.receiver.log.wait({ rel: s('conversationBridge'), type: 'added' });
    const { c1Href } = await this.callback();
    const conversation = await this.service.read(c1Href);
    const answer = must(await this.service.send('GET', hrefOf(conversation, s('conversationBridge'))), 200);
    return { added, answer, bridgedParticipantsHref: hrefOf(answer.resource, s('bridgedParticipants')) };
  });

  readonly bridgedParticipants = once(async () => {
    const { bridgedParticipantsHref } = await this.conversationBridge();
    const participantUri = this.agentUri(0);
    const json = { displayName: bridgedName, participantUri, messageFilterState: 'Disabled' };
    const answer = must(await this.service.send('POST', bridgedParticipantsHref, { json }), 201);
    const added = await this.receiver.log.wait({ rel: s('bridgedParticipant'), type: 'added' });
    return { answer, added, participantUri };
  });

  readonly welcome = once(async () => {
    await this.bridgedParticipants();
    const { channel } = await this.session();
    const messaging = await this.#messagingOf((await this.callback()).c1Href);
    const operationId = this.operation('welcome');
    const href = withQuery(hrefOf(messaging, s('sendMessage')), 'operationId', operationId);
    const answer = must(
      await this.service.send('POST', href, { text: welcomeText, contentType: 'text/plain; charset=utf-8' }),
      201,
    );
    const completed = await this.receiver.log.wait({ rel: s('message'), type: 'completed' });
    const received = await channel.log.wait({ rel: 'message', type: 'completed' });
    return { answer, operationId, completed, received };
  });

  async #messagingOf(conversationHref: string): Promise<Resource> {
    const conversation = await this.service.read(conversationHref);
    return this.service.read(hrefOf(conversation, s('messaging')));
  }

  // Phase D

  agentUri(index: number): string {
    const uri = this.site.agentUris[index];
    if (uri === undefined) throw new Error(`the site has no agent ${index}`);
    return uri;
  }

  /** Root, challenge, applications, application, and (unless lurking) makeMeAvailable; then the event channel. */
  async signIn(index: number, lurking = false): Promise<SignedInAgent> {
    const uri = this.agentUri(index);
    const rootUrl = target().agentRootUrl;
    const root = must(await send('GET', rootUrl), 200);
    const userUrl = new URL(hrefOf(root.resource, 'user'), rootUrl).href;
    const challenge = await send('GET', userUrl);
    const caller = createCaller(userUrl, await this.site.agentToken(uri));
    const user = await caller.read(userUrl);
    const json = { userAgent: 'conformance/1.0', culture: 'en-us', endpointId: randomUUID() };
    const created = must(await caller.send('POST', hrefOf(user, 'applications'), { json }), 201);
    if (!lurking) {
      const me = embeddedOf(created.resource, 'me');
      const available = { SupportedModalities: ['Messaging'] };
      must(await caller.send('POST', hrefOf(me, 'makeMeAvailable'), { json: available }), 204);
    }
    const eventsUrl = caller.resolve(hrefOf(created.resource, 'events'));
    const channel = openEventChannel({ name: `agent ${uri}`, eventsUrl, token: String(caller.token) });
    this.#channels.push(channel);
    this.#farewells.push(() => caller.send('DELETE', hrefOf(created.resource, 'self')));
    return { uri, caller, channel, root, challenge, created };
  }

  readonly agent = once(() => this.signIn(0));
  readonly secondAgent = once(() => this.signIn(1));

  /** Invites a person to the meeting by addParticipant and returns the answer with its operationId. */
  async invite(uri: string, name = 'invite'): Promise<{ answer: Answer; operationId: string }> {
    const { c2Href } = await this.startAdhocMeeting();
    const conversation = await this.service.read(c2Href);
    const operationId = this.operation(name);
    const json = { operationId, to: uri };
    const answer = must(await this.service.send('POST', hrefOf(conversation, s('addParticipant')), { json }), 201);
    return { answer, operationId };
  }

  readonly participantInvitation = once(async () => {
    const agent = await this.agent();
    await this.welcome();
    const { answer, operationId } = await this.invite(agent.uri);
    const ringing = await agent.channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'started' });
    const started = await this.receiver.log.wait({ rel: s('participantInvitation'), type: 'started' });
    return { answer, operationId, ringing, started, caHref: hrefOf(ringing.resource, 'conversation') };
  });

  /** An agent accepts the invitation that rings and adds messaging to the conversation. */
  async join(agent: SignedInAgent, ringing: Occurrence): Promise<{ accepted: Answer; added: Answer }> {
    const { caller, channel } = agent;
    const accepted = must(await caller.send('POST', hrefOf(ringing.resource, 'accept')), 204);
    await channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'completed' });
    const conversation = await caller.read(hrefOf(ringing.resource, 'conversation'));
    const messaging = await caller.read(hrefOf(conversation, 'messaging'));
    const json = { operationId: this.operation(`join ${agent.uri}`) };
    const added = must(await caller.send('POST', hrefOf(messaging, 'addMessaging'), { json }), 201);
    const own = ({ resource }: Occurrence): boolean => resource.state === 'Connected';
    await channel.log.wait({ rel: 'messaging', type: 'updated', where: own });
    return { accepted, added };
  }

  readonly agentJoins = once(async () => {
    const agent = await this.agent();
    const { ringing, operationId } = await this.participantInvitation();
    const { accepted, added } = await this.join(agent, ringing);
    const { c2Href } = await this.startAdhocMeeting();
    const completed = await this.receiver.log.wait({
      rel: s('participantInvitation'),
      type: 'completed',
      where: ({ resource }) => resource.operationId === operationId,
    });
    const usesMessaging = await this.receiver.log.wait({
      rel: s('participantMessaging'),
      type: 'added',
      where: (o) => concerns(o, c2Href) && o.event.link.href.includes(agent.uri.replace('sip:', '')),
    });
    return { accepted, added, completed, usesMessaging };
  });

  /** Messaging of the visitor's own conversation, read anew. */
  async visitorMessaging(): Promise<{ caller: Caller; messaging: Resource }> {
    const { visitor } = await this.session();
    const conversation = await visitor.read((await this.messagingInvitation()).conversationHref);
    return { caller: visitor, messaging: await visitor.read(hrefOf(conversation, 'messaging')) };
  }

  async agentMessaging(): Promise<{ caller: Caller; messaging: Resource }> {
    const { caller } = await this.agent();
    const conversation = await caller.read((await this.participantInvitation()).caHref);
    return { caller, messaging: await caller.read(hrefOf(conversation, 'messaging')) };
  }

  /** Sends a text as the visitor, or as the first agent. */
  async say(who: 'visitor' | 'agent', text: string): Promise<Answer> {
    const { caller, messaging } = await (who === 'visitor' ? this.visitorMessaging() : this.agentMessaging());
    return must(await caller.send('POST', hrefOf(messaging, 'sendMessage'), { text, contentType: 'text/plain' }), 201);
  }

  // Phase E

  readonly closeChat = once(async () => {
    await this.agentJoins();
    const { caller, messaging } = await this.visitorMessaging();
    const answer = must(await caller.send('POST', hrefOf(messaging, 'stopMessaging')), 204);
    const { channel } = await this.session();
    const deleted = await channel.log.wait({ rel: 'conversation', type: 'deleted' });
    return { answer, deleted };
  });

  readonly conversationDeleted = once(async () => {
    await this.closeChat();
    const { c1Href } = await this.callback();
    const own = (occurrence: Occurrence): boolean => occurrence.event.link.href === c1Href;
    const deleted = await this.receiver.log.wait({ rel: s('conversation'), type: 'deleted', where: own });
    return { deleted, c1Href };
  });

  readonly terminate = once(async () => {
    await this.conversationDeleted();
    const { c2Href } = await this.startAdhocMeeting();
    const answer = must(await this.service.send('DELETE', c2Href), 204);
    const own = (occurrence: Occurrence): boolean => occurrence.event.link.href === c2Href;
    const deleted = await this.receiver.log.wait({ rel: s('conversation'), type: 'deleted', where: own });
    return { answer, deleted, c2Href };
  });
}
