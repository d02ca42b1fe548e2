/** What must hold for any order and repetition of events; the machine's promise beyond the recorded runs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Advance, advance } from './advance.ts';
import { type Command, type ExternalCommandName, isExternal, operationIdOf } from './commands.ts';
import type { HelpdeskEvent } from './events.ts';
import { fromCallback } from './fromCallback.ts';
import { defaultSettings as settings } from './settings.ts';
import { scenarios, sessionId } from './testing/scenarios.ts';
import * as wire from './testing/wire.ts';

const legs = { c1ConversationHref: wire.conversationHref('C1'), c2ConversationHref: wire.conversationHref('C2') };
const c1Deleted = fromCallback(wire.batch(wire.conversation('C1', 'deleted')), legs);
const deskEnds: HelpdeskEvent = { type: 'agent.ended', byUri: wire.ann.uri };
const timers = ['timer.startTimeout', 'timer.ringTimeout', 'timer.endTimeout'] as const;

/** Everything that the recorded runs contain, plus outcomes and assignments that they do not. */
const pool: readonly HelpdeskEvent[] = Object.values(scenarios).flat();
const names: readonly ExternalCommandName[] = [
  'startAdhocMeeting',
  'addMessaging',
  'acceptAndBridge',
  'decline',
  'addBridgedParticipant',
  'removeBridgedParticipant',
  'sendMessage',
  'addParticipant',
  'terminateOnlineMeeting',
  'terminateConversation',
];
const outcome: fc.Arbitrary<HelpdeskEvent> = fc.record({
  type: fc.constantFrom('command.succeeded' as const, 'command.failed' as const),
  name: fc.constantFrom(...names),
  n: fc.integer({ min: 0, max: 4 }),
});
const assignment: fc.Arbitrary<HelpdeskEvent> = fc.oneof(
  fc.record({
    type: fc.constant('agentAssigned' as const),
    agentUri: fc.constantFrom(wire.ann.uri, wire.ben.uri, 'SIP:Cleo@contoso.com'),
    displayName: fc.constantFrom('Ann', 'Ben', ''),
  }),
  fc.constant({ type: 'noAgentAvailable' as const }),
);
const timer: fc.Arbitrary<HelpdeskEvent> = fc.record(
  { type: fc.constantFrom(...timers), dueAt: fc.integer({ min: 0, max: 2_000_000 }) },
  { requiredKeys: ['type'] },
);
const event = fc.oneof(
  { arbitrary: fc.constantFrom(...pool), weight: 6 },
  { arbitrary: outcome, weight: 2 },
  { arbitrary: assignment, weight: 1 },
  { arbitrary: timer, weight: 1 },
);
/** A recorded run that is cut, doubled, swapped and mixed with anything: reaches deep states often. */
const disturbedRun: fc.Arbitrary<HelpdeskEvent[]> = fc
  .tuple(
    fc.constantFrom(...Object.values(scenarios)),
    fc.nat({ max: 80 }),
    fc.array(fc.tuple(fc.nat({ max: 80 }), fc.constantFrom('drop', 'repeat', 'swap', 'insert'), event), {
      maxLength: 12,
    }),
  )
  .map(([run, length, disturbances]) => {
    const events = run.slice(0, length);
    for (const [at, kind, other] of disturbances) {
      const here = events[at];
      const next = events[at + 1];
      if (kind === 'insert') events.splice(at, 0, other);
      else if (kind === 'drop') events.splice(at, 1);
      else if (kind === 'repeat' && here !== undefined) events.splice(at, 0, here);
      else if (here !== undefined && next !== undefined) events.splice(at, 2, next, here);
    }
    return events;
  });
const history = fc.oneof(fc.array(event, { maxLength: 60 }), disturbedRun);

class Run {
  snapshot: unknown;
  state = '';
  now = 1_000;
  readonly commands: Command[] = [];
  readonly armed = new Map<string, number>();

  take(next: HelpdeskEvent): Advance {
    this.now += 7;
    const stored = this.snapshot === undefined ? {} : { snapshot: this.snapshot };
    const result = advance({ ...stored, sessionId, event: next, now: this.now, settings });
    expect(JSON.parse(JSON.stringify(result.snapshot))).toEqual(result.snapshot);
    expect(result.decision).toMatch(/\.$/);
    if (result.ignored) expect(result.commands).toEqual([]);
    this.snapshot = result.snapshot;
    this.state = result.state;
    this.commands.push(...result.commands);
    for (const command of result.commands) {
      if (command.name === 'scheduleTimer') this.armed.set(command.timer, command.dueAt);
      if (command.name === 'cancelTimer') this.armed.delete(command.timer);
    }
    return result;
  }

  /** Lets time pass until no timer is left, as the timer loop does. */
  fireTimers(): void {
    for (let guard = 0; this.armed.size > 0 && guard < 20; guard += 1) {
      const [name, dueAt] = [...this.armed].sort((left, right) => left[1] - right[1])[0] ?? ['', 0];
      this.armed.delete(name);
      this.now = Math.max(this.now, dueAt);
      this.take({ type: `timer.${name}` as (typeof timers)[number], dueAt });
    }
  }

  count(name: Command['name']): number {
    return this.commands.filter((command) => command.name === name).length;
  }
}

function play(events: readonly HelpdeskEvent[]): Run {
  const run = new Run();
  for (const next of events) run.take(next);
  return run;
}

const options = { numRuns: 400 };

describe('any order and repetition of events', () => {
  test('never throws, never uses an operationId twice, closes at most once, and survives JSON', () => {
    fc.assert(
      fc.property(history, (events) => {
        const run = play(events);
        const ids = run.commands.filter(isExternal).map((command) => operationIdOf(sessionId, command));
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.every((id) => id.length <= 50)).toBe(true);
        expect(run.commands.filter(isExternal).every(({ href }) => /^https?:/.test(href))).toBe(true);
        expect(run.count('closeSession')).toBe(run.state === 'terminated' ? 1 : 0);
        expect(run.count('sendMessage')).toBeLessThan(8);
      }),
      options,
    );
  });

  test.each([
    ['the deletion of the visitor’s leg', c1Deleted],
    ['the end by the desk', [deskEnds]],
  ])('is ended by %s and the timers', (_name, last) => {
    fc.assert(
      fc.property(history, (events) => {
        const run = play([...events, ...last]);
        run.fireTimers();
        expect(run.state).toBe('terminated');
        expect(run.count('closeSession')).toBe(1);
        expect(run.armed.size).toBe(0);
      }),
      options,
    );
  });

  test('every agent who was taken is released by the end', () => {
    fc.assert(
      fc.property(history, (events) => {
        const run = new Run();
        let taken: string[] = [];
        for (const next of [...events, deskEnds]) {
          const { commands, ignored } = run.take(next);
          if (next.type === 'agentAssigned' && !ignored) taken.push(next.agentUri.toLowerCase());
          for (const command of commands) {
            if (command.name === 'releaseAgent') taken = taken.filter((uri) => uri !== command.agentUri);
          }
        }
        expect(taken).toEqual([]);
      }),
      options,
    );
  });

  test('after the end nothing is commanded but the record of late messages', () => {
    fc.assert(
      fc.property(history, fc.array(event, { maxLength: 20 }), (events, late) => {
        const run = play([...events, ...c1Deleted]);
        run.fireTimers();
        const before = run.commands.length;
        for (const next of late) run.take(next);
        const names = new Set(run.commands.slice(before).map(({ name }) => name));
        names.delete('recordVisitorMessage');
        names.delete('recordInternalMessage');
        expect([...names]).toEqual([]);
      }),
      options,
    );
  });

  test('the same events give the same snapshots', () => {
    fc.assert(
      fc.property(history, (events) => {
        expect(play(events).snapshot).toEqual(play(events).snapshot);
      }),
      { numRuns: 50 },
    );
  });
});
