/** The service application of the run: registers a tenant, gets its tokens, answers callbacks and counts them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Arrivals } from './arrivals.ts';
import { type CallbackServer, startCallbackServer } from './callbackServer.ts';
import { must } from './connection.ts';
import { href, parse, type Resource, type WireEvent } from './hal.ts';
import { readMarks } from './mark.ts';
import type { Platform } from './platformProcess.ts';
import { Pool } from './pool.ts';
import { readEvents } from './ucwaChannel.ts';

const domain = 'bench.example';
const connections = 32;
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

export class ServiceApplication {
  readonly endpointUri = `sip:helpdesk@${domain}`;
  readonly #platform: Platform;
  readonly #pool: Pool;
  readonly #clientId = randomUUID();
  readonly #clientSecret = randomBytes(24).toString('base64url');
  /** Calls that are being set up, by their threadId, which is also the callbackContext of both legs. */
  readonly #calls = new Map<string, Arrivals<WireEvent>>();
  #callbacks: CallbackServer | undefined;
  #token = '';
  #tokensPath = '';
  /** POSTs that came in. */
  callbackCount = 0;
  /** Called for every message that a callback reports: twice a message, on the visitor's leg and on the meeting's. */
  reported: (chat: number) => void = () => {};

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#pool = new Pool(platform.port, connections);
  }

  /** Registers everything and finds the application (reference/call-flow.md steps 1 and 2). */
  async start(): Promise<void> {
    this.#callbacks = await startCallbackServer((query, body) => this.#onCallback(query, body));
    const { port } = this.#callbacks;
    await this.#manage('', { displayName: 'Bench', allowedOrigins: [] });
    await this.#manage(`/applications/${this.#clientId}`, {
      displayName: 'Bench',
      audience: 'https://bench.example',
      callbackHosts: [`127.0.0.1:${port}`],
      callbackCidrs: ['127.0.0.0/8'],
      actForUsers: true,
      clientSecret: this.#clientSecret,
    });
    await this.#manage(`/endpoints/${encodeURIComponent(this.endpointUri)}`, {
      clientId: this.#clientId,
      displayName: 'Bench',
      callbackUrl: `http://127.0.0.1:${port}/callback`,
    });
    this.#token = await this.#tokenFor({
      grant_type: 'client_credentials',
      client_id: this.#clientId,
      client_secret: this.#clientSecret,
    });
    const discover = await this.read('/platformservice/discover');
    const applications = await this.read(`${href(discover, 'applications')}?endpointId=${this.endpointUri}`);
    const application = await this.read(href(applications, 'application'));
    this.#tokensPath = href(application, 'anonApplicationTokens');
  }

  async read(path: string): Promise<Resource> {
    return parse<Resource>((await must(this.#pool, { method: 'GET', path, token: this.#token })).text);
  }

  async send(method: 'POST' | 'DELETE', path: string, json?: unknown): Promise<void> {
    await must(this.#pool, { method, path, token: this.#token, json });
  }

  async sendText(path: string, text: string): Promise<void> {
    await must(this.#pool, { method: 'POST', path, token: this.#token, text });
  }

  /** Step 3: a token for one visitor, and where that one discovers the rest. */
  async anonToken(): Promise<{ readonly token: string; readonly discoverPath: string }> {
    const json = { applicationSessionId: randomUUID(), allowedOrigins: 'https://www.bench.example' };
    const answer = await must(this.#pool, { method: 'POST', path: this.#tokensPath, token: this.#token, json });
    const resource = parse<Resource>(answer.text);
    return { token: String(resource.token), discoverPath: href(resource, 'discover') };
  }

  /** A token for an agent of the tenant, who is registered if need be. */
  async agentToken(index: number): Promise<{ readonly uri: string; readonly token: string }> {
    const uri = `sip:agent${index}@${domain}`;
    await this.#manage(`/people/${encodeURIComponent(uri)}`, { displayName: `Agent ${index}` });
    const token = await this.#tokenFor({
      grant_type: tokenExchange,
      subject_token: this.#token,
      subject_token_type: accessToken,
      requested_subject: uri,
    });
    return { uri, token };
  }

  /** From now on the callbacks of this call are read. */
  expect(threadId: string): Arrivals<WireEvent> {
    const arrivals = new Arrivals<WireEvent>();
    this.#calls.set(threadId, arrivals);
    return arrivals;
  }

  forget(threadId: string): void {
    this.#calls.delete(threadId);
  }

  async close(): Promise<void> {
    this.#pool.cut();
    await this.#callbacks?.close();
  }

  #onCallback(query: URLSearchParams, body: string): string {
    this.callbackCount += 1;
    readMarks(body, (_from, chat) => this.reported(chat));
    const context = query.get('callbackContext');
    if (context !== null) {
      const arrivals = this.#calls.get(context);
      if (arrivals !== undefined) readEvents(body, (event, sender) => arrivals.arrived(nameOf(event, sender), event));
      return '';
    }
    // The first of a call: from its answer on, every callback of the visitor's leg names the call.
    let threadId = '';
    readEvents(body, (event) => {
      if (event.link.rel !== 'messagingInvitation' || event.type !== 'started') return;
      threadId = String(event._embedded?.messagingInvitation?.threadId);
      this.#calls.get(threadId)?.arrived('call', event);
    });
    return threadId === '' ? '' : JSON.stringify({ CallbackContext: threadId });
  }

  async #manage(path: string, json: unknown): Promise<void> {
    const token = this.#platform.operatorToken;
    await must(this.#pool, { method: 'PUT', path: `/management/tenants/${domain}${path}`, token, json });
  }

  async #tokenFor(form: Record<string, string>): Promise<string> {
    const answer = await must(this.#pool, { method: 'POST', path: `/oauth2/${domain}/token`, form });
    return String(parse<Resource>(answer.text).access_token);
  }
}

/** Invitations by their operation, everything else by its conversation. */
function nameOf(event: WireEvent, sender: string): string {
  const { link, type } = event;
  const resource = event._embedded?.[link.rel];
  if (link.rel === 'messaging') return `messaging ${String(resource?.state)} ${sender}`;
  if (link.rel === 'conversation') return `conversation ${String(resource?.state)} ${link.href}`;
  if (link.rel.endsWith('Invitation')) return `${link.rel} ${type} ${String(resource?.operationId)}`;
  return `${link.rel} ${type} ${sender}`;
}
