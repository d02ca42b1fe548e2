/** Lets a few of many jobs run at once; the others wait in their order. */
export class Turns {
  readonly #atOnce: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Settles as the job does. */
  async take<T>(job: () => Promise<T>): Promise<T> {
    // A turn that ends is handed over, so nobody who comes in between gets ahead.
    if (this.#running < this.#atOnce) this.#running += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await job();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
