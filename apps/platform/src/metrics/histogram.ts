/**
 * A histogram for places that are passed thousands of times a second. prom-client's own looks its labels up at every observation;
 * here a place keeps its cell, an observation is two additions, and the texts are made when somebody asks for them.
 */
import type { Histogram, Registry } from 'prom-client';

export interface Cell {
  observe(value: number): void;
}

type Labels = Readonly<Record<string, string>>;

class CountingCell implements Cell {
  readonly labels: Labels;
  /** One more than there are bounds: the last one is for what is beyond them. */
  readonly counts: number[];
  sum = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[], labels: Labels) {
    this.labels = labels;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
    this.#bounds = bounds;
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] ?? 0)) place += 1;
    this.counts[place] = (this.counts[place] ?? 0) + 1;
    this.sum += value;
  }
}

interface Value {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export interface CellHistogram {
  /** The cell of these labels; the same labels have the same cell. To be kept by the caller. */
  cell(labels: Labels): Cell;
}

/** @param bounds upper bounds in ascending order */
export function createHistogram(
  registry: Registry,
  { name, help, bounds }: { readonly name: string; readonly help: string; readonly bounds: readonly number[] },
): CellHistogram {
  const cells = new Map<string, CountingCell>();
  const values = (): Value[] => [...cells.values()].flatMap((cell) => valuesOf(name, bounds, cell));
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: values() }),
    reset: () => cells.clear(),
  };
  // The registry asks a metric for nothing but these members.
  registry.registerMetric(metric as unknown as Histogram);
  return {
    cell: (labels) => {
      const key = JSON.stringify(labels);
      const known = cells.get(key) ?? new CountingCell(bounds, labels);
      cells.set(key, known);
      return known;
    },
  };
}

function valuesOf(name: string, bounds: readonly number[], { labels, counts, sum }: CountingCell): Value[] {
  let through = 0;
  const buckets = counts.map((count, place) => {
    through += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[place] ?? '+Inf' }, value: through };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: through },
  ];
}
