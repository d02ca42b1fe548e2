/** Every connection costs a file descriptor in the load generator and one in the server. */
import { readFileSync } from 'node:fs';

/** Callbacks, pools, files of the store. */
const others = 1_000;

/** @throws Error when so many connections are more than this system lets a process have */
export function checkFileDescriptors(connections: number, say: (line: string) => void): void {
  const limit = limitOf();
  const needed = connections + others;
  say(`${connections} connections: about ${needed} file descriptors in each process, ${limit} are allowed (ulimit -n)`);
  if (needed > limit) throw new Error(`raise the limit for file descriptors first: ulimit -n ${needed}`);
}

function limitOf(): number {
  try {
    const soft = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
