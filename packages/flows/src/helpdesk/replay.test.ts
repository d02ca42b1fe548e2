/// <reference types="node" />
/**
 * Every recorded run gives the same states, decisions and commands again, to the letter.
 * After an intended change: `RECORD_HISTORIES=1 npx vitest run packages/flows`, then read the difference.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Advance, advance, machineVersion, rebuild, summaryOf } from './advance.ts';
import type { HelpdeskEvent } from './events.ts';
import { defaultSettings, type HelpdeskSettings } from './settings.ts';
import { scenarios, sessionId } from './testing/scenarios.ts';

interface History {
  readonly machineVersion: string;
  readonly sessionId: string;
  readonly settings: HelpdeskSettings;
  readonly steps: readonly (Pick<Advance, 'state' | 'decision' | 'ignored' | 'commands'> & {
    readonly now: number;
    readonly event: HelpdeskEvent;
  })[];
  readonly snapshot: unknown;
}

const folder = new URL('./histories/', import.meta.url);
const pathOf = (name: string) => new URL(`${name}.json`, folder);
const startedAt = 1_800_000_000_000;

function play(
  log: readonly { readonly event: HelpdeskEvent; readonly now: number }[],
  settings: HelpdeskSettings,
): History {
  let snapshot: unknown;
  const steps = log.map(({ event, now }) => {
    const result = advance({ ...(snapshot === undefined ? {} : { snapshot }), sessionId, event, now, settings });
    snapshot = result.snapshot;
    const { state, decision, ignored, commands } = result;
    return { now, event, state, decision, ignored, commands };
  });
  return { machineVersion, sessionId, settings, steps, snapshot };
}

const record = process.env.RECORD_HISTORIES === '1';

describe('recorded runs', () => {
  test('there is one for each scenario', () => {
    if (record) {
      for (const [name, events] of Object.entries(scenarios)) {
        const run = play(
          events.map((event, index) => ({ event, now: startedAt + index * 10 })),
          defaultSettings,
        );
        writeFileSync(pathOf(name), `${JSON.stringify(run, null, 2)}\n`);
      }
    }
    const files = readdirSync(folder).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual(Object.keys(scenarios).sort());
  });

  test.each(readdirSync(folder).map((file) => file.replace('.json', '')))('%s', (name) => {
    const history = JSON.parse(readFileSync(pathOf(name), 'utf8')) as History;
    expect(history.machineVersion).toBe(machineVersion);
    expect(play(history.steps, history.settings)).toEqual(history);
    const log = history.steps.map(({ event, now }) => ({ event, now, settings: history.settings }));
    expect(rebuild(history.sessionId, log)?.snapshot).toEqual(history.snapshot);
    expect(history.steps.at(-1)?.state).toBe('terminated');
    expect(summaryOf(history.snapshot).closeReason).toBeDefined();
    expect(
      history.steps.flatMap(({ commands }) => commands).filter(({ name }) => name === 'closeSession'),
    ).toHaveLength(1);
  });
});
