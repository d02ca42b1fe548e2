/** The same chats through the bare relay: a channel for every visitor and every agent, as on the platform. */
import path from 'node:path';
import { Connection, type Line, must } from './connection.ts';
import { LongPoll } from './longPoll.ts';
import { messageText, otherSide, readMarks, type Side } from './mark.ts';
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
import { ServerProcess } from './serverProcess.ts';

export async function startBareTarget(profiles?: string): Promise<Target> {
  const script = path.join(import.meta.dirname, 'bareRelay.mjs');
  let announce: (line: string) => void = () => {};
  const announced = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const server = new ServerProcess([script], {}, { onLine: announce, profiles });
  const port = Number(await announced);
  let opened = 0;
  return {
    name: 'bare',
    server,
    open: async (options) => {
      opened += 1;
      return new BareRelay(port, `/${opened}`, { ...defaultRelayOptions, ...options });
    },
    stop: () => server.stop(),
  };
}

interface Person {
  readonly path: string;
  readonly sender: Line;
  readonly poll: LongPoll;
}

class BareRelay implements Relay {
  arrived: Relay['arrived'] = () => {};
  readonly #port: number;
  readonly #prefix: string;
  readonly #options: RelayOptions;
  readonly #pool: Pool;
  readonly #visitors: Person[] = [];
  readonly #agents: Person[] = [];
  readonly #failure = new Failure();
  #underWay = 0;

  constructor(port: number, prefix: string, options: RelayOptions) {
    this.#port = port;
    this.#prefix = prefix;
    this.#options = options;
    this.#pool = new Pool(port, sharedConnections);
  }

  get size(): number {
    return this.#visitors.length;
  }

  get failure(): Promise<never> {
    return this.#failure.happened;
  }

  /** Both can talk when each has heard the other once. */
  async add(count: number): Promise<number[]> {
    const first = this.size;
    const heard = new Map<string, () => void>();
    const before = this.arrived;
    this.arrived = (chat, to) => heard.get(`${chat} ${to}`)?.();
    const times = await Promise.race([
      inLanes(first, first + count, lanes, async (chat) => {
        const begun = performance.now();
        this.#visitors[chat] = this.#join('visitor', chat);
        const agent = Math.floor(chat / this.#options.chatsPerAgent);
        this.#agents[agent] ??= this.#join('agent', agent);
        for (const from of ['visitor', 'agent'] as const) {
          const come = new Promise<void>((resolve) => heard.set(`${chat} ${otherSide(from)}`, resolve));
          this.say(chat, from, 0);
          await come;
        }
        return performance.now() - begun;
      }),
      this.failure,
    ]);
    this.arrived = before;
    return times;
  }

  say(chat: number, from: Side, sequence: number): void {
    this.#underWay += 1;
    const text = messageText(from, chat, sequence);
    must(this.#person(from, chat).sender, {
      method: 'POST',
      path: this.#person(otherSide(from), chat).path,
      text,
    }).then(() => {
      this.#underWay -= 1;
    }, this.#failure.note);
  }

  cut(): void {
    for (const { poll } of this.#everybody()) poll.cut();
  }

  reconnect(): void {
    for (const { poll } of this.#everybody()) poll.start();
  }

  async accounted(): Promise<void> {
    while (this.#underWay > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, 5)), this.failure]);
  }

  async close(): Promise<void> {
    for (const { poll, sender } of this.#everybody()) {
      poll.cut();
      sender.cut();
    }
  }

  #everybody(): Person[] {
    return [...this.#visitors, ...this.#agents];
  }

  #person(side: Side, chat: number): Person {
    const person =
      side === 'visitor' ? this.#visitors[chat] : this.#agents[Math.floor(chat / this.#options.chatsPerAgent)];
    if (person === undefined) throw new Error(`no ${side} in chat ${chat}`);
    return person;
  }

  #join(side: Side, index: number): Person {
    const path = `${this.#prefix}/${side}/${index}`;
    const poll = new LongPoll({
      connection: new Connection(this.#port),
      path,
      nextPath: () => path,
      onBody: (body) => readMarks(body, (_from, chat, sequence) => this.arrived(chat, side, sequence)),
      onFailure: this.#failure.note,
    });
    poll.start();
    const sender = this.#options.shareConnections ? this.#pool : new Connection(this.#port);
    return { path, sender, poll };
  }
}
