/** Several connections that look like one: for programs with many requests at a time, such as a service application. */
import { Connection, type Line, type Request, type Wire } from './connection.ts';

export class Pool implements Line {
  readonly #port: number;
  readonly #size: number;
  readonly #connections: Connection[] = [];

  constructor(port: number, size: number) {
    this.#port = port;
    this.#size = size;
  }

  send(request: Request): Promise<Wire> {
    return this.#leastBusy().send(request);
  }

  cut(): void {
    for (const connection of this.#connections.splice(0)) connection.cut();
  }

  #leastBusy(): Connection {
    let best: Connection | undefined;
    for (const connection of this.#connections) {
      if (connection.load === 0) return connection;
      if (best === undefined || connection.load < best.load) best = connection;
    }
    if (best !== undefined && this.#connections.length >= this.#size) return best;
    const fresh = new Connection(this.#port);
    this.#connections.push(fresh);
    return fresh;
  }
}
