/** Bounds how much work of one kind is under way; the rest waits in its order. */
export class Slots {
  readonly #atOnce: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** @param atOnce pieces of work at the same time */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Settles as the work does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    // A slot that ends is handed over, so nobody who comes in between gets ahead.
    if (this.#running < this.#atOnce) this.#running += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
