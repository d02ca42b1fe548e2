/** Bounds how much work of one kind is under way; the rest waits in its order. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T>;

/** @param limit pieces of work at the same time */
export function createSlots(limit: number): Slots {
  let free = limit;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
