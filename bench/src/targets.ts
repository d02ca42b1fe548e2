/** Starts servers by name, and says what a server wrote last when a measurement on it fails. */
import { startBareTarget } from './bareTarget.ts';
import type { Options } from './options.ts';
import { type PlatformTarget, startPlatformTarget } from './platformTarget.ts';
import type { Target } from './relay.ts';

/** Runs `work` with a fresh server of this name and stops that. @throws Error with the server's last words and the cause */
export async function withTarget<R>(
  name: 'bare' | 'platform',
  options: Options,
  work: (target: Target) => Promise<R>,
): Promise<R> {
  return name === 'bare' ? using(await startBareTarget(), work) : withPlatform(options, work);
}

/** The same for what only the platform can do. */
export async function withPlatform<R>(options: Options, work: (target: PlatformTarget) => Promise<R>): Promise<R> {
  return using(await startPlatformTarget(options), work);
}

async function using<T extends Target, R>(target: T, work: (target: T) => Promise<R>): Promise<R> {
  try {
    return await work(target);
  } catch (error) {
    throw new Error(`measuring ${target.name} failed; its last words:\n${target.server.output()}`, { cause: error });
  } finally {
    await target.stop();
  }
}
