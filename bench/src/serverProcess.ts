/** Server processes of the run: started on their own, asked through `probe.mjs`, stopped by their handle. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export interface Memory {
  /** Everything that is in memory, mapped files included. */
  readonly residentKb: number;
  /** Without mapped files: what the process itself holds. */
  readonly ownKb: number;
  readonly heapKb: number;
  readonly externalKb: number;
}

export interface Usage extends Memory {
  /** User and system time of all its threads since it started, microseconds. */
  readonly cpuUs: number;
}

/** Graceful stops write a profile or finish callbacks, so they may take their time. */
const stopWithinMs = 30_000;

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #profiles: string | undefined;
  #output = '';

  /** @param onLine called with every line that it writes; @param profiles folder for CPU profiles */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    { onLine, profiles }: { onLine?: (line: string) => void; profiles?: string | undefined } = {},
  ) {
    const probe = path.join(import.meta.dirname, 'probe.mjs');
    this.#profiles = profiles;
    this.#child = spawn(process.execPath, ['--expose-gc', '--import', probe, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.setMaxListeners(0);
    const end = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', end);
    this.#child.once('exit', () => process.off('exit', end));
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#keep(chunk);
      for (const line of chunk.toString().split('\n')) if (line !== '') onLine?.(line);
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#keep(chunk));
  }

  usage(): Promise<Usage> {
    return this.#ask<Usage>('usage');
  }

  /** Its memory after garbage was collected. */
  settle(): Promise<Memory> {
    return this.#ask<Memory>('settle');
  }

  /** Runs `work` under the profiler if profiles are wanted. */
  async profiled<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.#profiles === undefined) return work();
    await this.#ask('startProfile');
    const result = await work();
    await this.#ask('stopProfile', path.resolve(this.#profiles, `${name}.cpuprofile`));
    return result;
  }

  /** What it wrote last, for an error message. */
  output(): string {
    return this.#output;
  }

  ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async stop(): Promise<void> {
    if (this.ended()) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs);
    await ended;
    clearTimeout(impatience);
  }

  #ask<T>(ask: string, argument?: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error(`the server ended:\n${this.#output}`));
      const onMessage = (message: { ask: string; answer: T }): void => {
        if (message.ask !== ask) return;
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        resolve(message.answer);
      };
      this.#child.on('message', onMessage);
      this.#child.once('exit', onExit);
      this.#child.send({ ask, argument });
    });
  }

  #keep(chunk: Buffer): void {
    this.#output = (this.#output + chunk.toString()).slice(-8_000);
  }
}
