/** The built platform as a process of its own, for tests that stop or kill it. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface PlatformProcess {
  readonly pid: number;
  readonly origin: string;
  /** Every line of its log so far. */
  readonly log: readonly string[];
  /** @returns the exit code, or the signal that ended it */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Resolves with the first line that fits, past or future. @throws when the process ends first */
  line(fits: (line: string) => boolean): Promise<string>;
}

/**
 * Starts it on a free port, or on the given one, and waits until it listens.
 * @param script the built server
 * @throws Error with its log when it ends before that
 */
export async function startPlatformProcess(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<PlatformProcess> {
  const child = spawn(process.execPath, [script], {
    env: { PATH: '/usr/bin:/bin', PLATFORM_PORT: '0', NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  const listeners = new Set<() => void>();
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? signal);
      for (const look of [...listeners]) look();
    });
  });
  for (const stream of [child.stdout, child.stderr]) collectLines(stream, log, listeners);
  const line: PlatformProcess['line'] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = log.find(fits);
        if (found !== undefined) resolve(found);
        else if (isOver(child)) reject(new Error(`The platform ended:\n${log.join('\n')}`));
        else return;
        listeners.delete(look);
      };
      listeners.add(look);
      look();
    });
  const listening = await line((text) => text.includes('Server listening at'));
  const origin = /Server listening at (http:\/\/[\d.:]+)/.exec(listening)?.[1];
  if (origin === undefined) throw new Error(`No address in ${listening}`);
  return {
    pid: child.pid ?? 0,
    origin,
    log,
    line,
    stop: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

const isOver = (child: ChildProcess): boolean =>
  (child.exitCode !== null || child.signalCode !== null) && (child.stdout?.readableEnded ?? true);

function collectLines(stream: NodeJS.ReadableStream, log: string[], listeners: Set<() => void>): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    log.push(...lines.filter((one) => one !== ''));
    for (const look of [...listeners]) look();
  });
}
