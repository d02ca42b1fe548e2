/** One person's event channel: asks, asks again as soon as there is an answer, and can be cut and taken up again. */
import type { Connection } from './connection.ts';

export interface LongPollOptions {
  readonly connection: Connection;
  readonly path: string;
  readonly token?: string;
  /** Where to ask next, from the body that came. */
  readonly nextPath: (body: string) => string;
  readonly onBody: (body: string) => void;
  /** A refusal or a broken connection: the numbers would mean nothing. */
  readonly onFailure: (error: Error) => void;
}

export class LongPoll {
  readonly #options: LongPollOptions;
  #path: string;
  #turn = 0;

  constructor(options: LongPollOptions) {
    this.#options = options;
    this.#path = options.path;
  }

  start(): void {
    this.#turn += 1;
    const turn = this.#turn;
    this.#run(turn).catch((error: Error) => {
      if (turn === this.#turn) this.#options.onFailure(error);
    });
  }

  /** Nothing that comes afterwards is heard, until it is started again where it was. */
  cut(): void {
    this.#turn += 1;
    this.#options.connection.cut();
  }

  async #run(turn: number): Promise<void> {
    const { connection, token } = this.#options;
    let pending = connection.send({ method: 'GET', path: this.#path, token });
    for (;;) {
      const answer = await pending;
      if (turn !== this.#turn) return;
      if (answer.status !== 200) throw new Error(`event channel: ${answer.status} ${answer.text.slice(0, 300)}`);
      this.#path = this.#options.nextPath(answer.text);
      pending = connection.send({ method: 'GET', path: this.#path, token });
      this.#options.onBody(answer.text);
    }
  }
}
