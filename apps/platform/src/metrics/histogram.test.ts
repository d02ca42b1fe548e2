import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createHistogram } from './histogram.ts';

test('says the same as the histogram of prom-client', async () => {
  const values = [0.001, 0.01, 0.01, 0.5, 3, 0.1, 0.100001, 0];
  const bounds = [0.01, 0.1, 1];
  const options = { name: 'waiting_seconds', help: 'How long' };
  const [theirs, ours] = [new Registry(), new Registry()];
  const histogram = new Histogram({ ...options, buckets: bounds, labelNames: ['who'], registers: [theirs] });
  const cells = createHistogram(ours, { ...options, bounds });
  for (const who of ['visitor', 'agent']) {
    const cell = cells.cell({ who });
    for (const value of values) {
      histogram.labels(who).observe(value);
      cell.observe(value);
    }
  }
  expect(cells.cell({ who: 'agent' })).toBe(cells.cell({ who: 'agent' }));
  const lines = async (registry: Registry) => (await registry.metrics()).split('\n').map(inOneOrder).toSorted();
  expect(await lines(ours)).toEqual(await lines(theirs));
});

/** Labels may come in any order. */
function inOneOrder(line: string): string {
  return line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join(',')}}`);
}
