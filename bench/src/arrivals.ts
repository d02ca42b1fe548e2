/** Events by name: whoever waits for one gets it, whether it has come already or comes later. */
const deadlineMs = 60_000;

export class Arrivals<T> {
  readonly #come = new Map<string, T>();
  readonly #waiting = new Map<string, (value: T) => void>();

  arrived(name: string, value: T): void {
    const resolve = this.#waiting.get(name);
    if (resolve === undefined) this.#come.set(name, value);
    else {
      this.#waiting.delete(name);
      resolve(value);
    }
  }

  /** @throws Error when it has not come after a minute. */
  wait(name: string): Promise<T> {
    const value = this.#come.get(name);
    if (value !== undefined) {
      this.#come.delete(name);
      return Promise.resolve(value);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(name);
        reject(new Error(`${name} never came`));
      }, deadlineMs);
      this.#waiting.set(name, (come) => {
        clearTimeout(timer);
        resolve(come);
      });
    });
  }

  /** Forgets what nobody waited for. */
  clear(): void {
    this.#come.clear();
  }
}
