/** Server processes of the run: started on their own, measured from outside, stopped by their handle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ServerProcess {
  readonly pid: number;
  /** Resident memory in megabytes and processor time in seconds, or undefined where the system does not tell. */
  usage(): { residentMb: number; cpuSeconds: number } | undefined;
  /** What it wrote last, for an error message. */
  output(): string;
  ended(): boolean;
  stop(): Promise<void>;
}

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

function usageOf(pid: number): { residentMb: number; cpuSeconds: number } | undefined {
  try {
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { residentMb: Math.round(Number(resident?.[1]) / 1024), cpuSeconds: ticks / ticksPerSecond };
  } catch {
    return undefined;
  }
}

/** Starts a Node program. @param onLine called with every line that it writes to its output */
export function startServer(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  onLine: (line: string) => void = () => {},
): ServerProcess {
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8_000);
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    keep(chunk);
    for (const line of chunk.toString().split('\n')) if (line !== '') onLine(line);
  });
  child.stderr?.on('data', keep);
  const pid = child.pid ?? 0;
  return {
    pid,
    usage: () => usageOf(pid),
    output: () => output,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(impatience);
    },
  };
}
