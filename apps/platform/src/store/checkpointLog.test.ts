import { expect, test } from 'vitest';
import { createCheckpointLog } from './checkpointLog.ts';

test('each failure is counted; the log has the first one and the end', () => {
  let failed = 0;
  const lines: string[] = [];
  const told = createCheckpointLog(
    { checkpointFailed: () => (failed += 1) },
    {
      error: (_: unknown, text?: string) => lines.push(String(text)),
      info: (text: unknown) => lines.push(String(text)),
    },
  );
  for (const failure of [undefined, new Error('1'), new Error('2'), undefined, undefined]) told(failure);
  expect(failed).toBe(2);
  expect(lines).toEqual([expect.stringContaining('a checkpoint failed'), 'checkpoints succeed again']);
});
