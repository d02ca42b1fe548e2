/** Chats through the platform: a visitor's call, a meeting and a bridge each, agents in the meetings. */
import { type Agent, signInAgent } from './agent.ts';
import { type Chat, signInVisitor, type Visitor } from './chat.ts';
import { Connection, type Line, must } from './connection.ts';
import { messageText, type Side } from './mark.ts';
import { type PlatformOptions, startPlatform } from './platformProcess.ts';
import { Pool } from './pool.ts';
import {
  defaultRelayOptions,
  Failure,
  inLanes,
  lanes,
  type Relay,
  type RelayOptions,
  sharedConnections,
  type Target,
} from './relay.ts';
import { ServiceApplication } from './serviceApplication.ts';

export interface PlatformTarget extends Target {
  readonly service: ServiceApplication;
  open(options?: Partial<RelayOptions>): Promise<PlatformRelay>;
}

export async function startPlatformTarget(options: PlatformOptions = {}): Promise<PlatformTarget> {
  const platform = await startPlatform(options);
  const service = new ServiceApplication(platform);
  await service.start();
  return {
    name: 'platform',
    server: platform.server,
    service,
    open: async (options) => new PlatformRelay(platform.port, service, { ...defaultRelayOptions, ...options }),
    stop: async () => {
      await platform.stop();
      await service.close();
    },
  };
}

/** Callbacks come a little later than the messages that they report. */
const reportWithinMs = 30_000;

export class PlatformRelay implements Relay {
  arrived: Relay['arrived'] = () => {};
  readonly #port: number;
  readonly #service: ServiceApplication;
  readonly #options: RelayOptions;
  readonly #pool: Pool;
  readonly #visitors: Visitor[] = [];
  readonly #agents: Agent[] = [];
  readonly #chats: Chat[] = [];
  readonly #said: number[] = [];
  readonly #reported: number[] = [];
  readonly #failure = new Failure();
  #underWay = 0;

  constructor(port: number, service: ServiceApplication, options: RelayOptions) {
    this.#port = port;
    this.#service = service;
    this.#options = options;
    this.#pool = new Pool(port, sharedConnections);
    service.reported = (chat) => {
      this.#reported[chat] = (this.#reported[chat] ?? 0) + 1;
    };
  }

  get size(): number {
    return this.#chats.length;
  }

  get failure(): Promise<never> {
    return this.#failure.happened;
  }

  async add(count: number): Promise<number[]> {
    const first = this.size;
    const { chatsPerAgent } = this.#options;
    await this.#guarded(
      inLanes(this.#agents.length, Math.ceil((first + count) / chatsPerAgent), lanes, (index) => this.#signIn(index)),
    );
    return this.#guarded(
      inLanes(first, first + count, lanes, async (chat) => {
        const begun = performance.now();
        const visitor = this.#visitors[chat] ?? (await this.#welcome(chat));
        this.#chats[chat] = await visitor.call(this.#agent(chat));
        return performance.now() - begun;
      }),
    );
  }

  /** Visitors who are signed in and listen, without a call; the next chats will be theirs. */
  async park(count: number): Promise<void> {
    const first = this.#visitors.length;
    await this.#guarded(inLanes(first, first + count, lanes, (index) => this.#welcome(index)));
  }

  say(chat: number, from: Side, sequence: number): void {
    const person = from === 'visitor' ? this.#visitors[chat] : this.#agent(chat);
    const path = from === 'visitor' ? this.#chats[chat]?.visitorPath : this.#chats[chat]?.agentPath;
    if (person === undefined || path === undefined) throw new Error(`no ${from} in chat ${chat}`);
    this.#underWay += 1;
    this.#said[chat] = (this.#said[chat] ?? 0) + 1;
    const { sender, token } = person;
    must(sender, { method: 'POST', path, token, text: messageText(from, chat, sequence) }).then(() => {
      this.#underWay -= 1;
    }, this.#failure.note);
  }

  cut(): void {
    for (const { poll } of this.#everybody()) poll.cut();
  }

  reconnect(): void {
    for (const { poll } of this.#everybody()) poll.start();
  }

  /** Every message is reported on both of the service application's legs, once. */
  async accounted(): Promise<void> {
    const deadline = performance.now() + reportWithinMs;
    const missing = (): number =>
      this.#said.reduce((sum, said, chat) => sum + Math.abs(said * 2 - (this.#reported[chat] ?? 0)), 0);
    while (this.#underWay > 0 || missing() > 0) {
      if (performance.now() > deadline)
        throw new Error(`${missing()} reports are missing or too many, ${this.#underWay} messages are under way`);
      await this.#guarded(new Promise((resolve) => setTimeout(resolve, 20)));
    }
  }

  /** Steps 18 to 20 of every chat; then all sign out. */
  async close(): Promise<void> {
    for (const agent of this.#agents) agent.stopReading();
    await inLanes(0, this.#visitors.length, lanes, async (index) => {
      await this.#visitors[index]?.signOut();
      await this.#chats[index]?.end();
    });
    await inLanes(0, this.#agents.length, lanes, async (index) => {
      await this.#agents[index]?.signOut();
    });
    for (const { sender } of this.#everybody()) sender.cut();
  }

  #guarded<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failure]);
  }

  #everybody(): (Visitor | Agent)[] {
    return [...this.#visitors, ...this.#agents];
  }

  #agent(chat: number): Agent {
    const agent = this.#agents[Math.floor(chat / this.#options.chatsPerAgent)];
    if (agent === undefined) throw new Error(`no agent for chat ${chat}`);
    return agent;
  }

  #line(): Line {
    return this.#options.shareConnections ? this.#pool : new Connection(this.#port);
  }

  async #signIn(index: number): Promise<void> {
    this.#agents[index] = await signInAgent(this.#service, index, this.#line(), new Connection(this.#port), {
      onMessage: (chat, sequence) => this.arrived(chat, 'agent', sequence),
      onFailure: this.#failure.note,
    });
  }

  async #welcome(index: number): Promise<Visitor> {
    const visitor = await signInVisitor(this.#service, this.#line(), new Connection(this.#port), {
      onMessage: (chat, sequence) => this.arrived(chat, 'visitor', sequence),
      onFailure: this.#failure.note,
    });
    this.#visitors[index] = visitor;
    return visitor;
  }
}
