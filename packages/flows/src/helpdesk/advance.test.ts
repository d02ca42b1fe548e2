import { describe, expect, test } from 'vitest';
import { type Advance, advance, machineVersion, rebuild, SnapshotVersionError, summaryOf } from './advance.ts';
import { type Command, isExternal } from './commands.ts';
import type { HelpdeskEvent } from './events.ts';
import { fromCallback } from './fromCallback.ts';
import { defaultSettings as settings } from './settings.ts';
import { scenarios, sessionId } from './testing/scenarios.ts';
import * as wire from './testing/wire.ts';

const legs = { c1ConversationHref: wire.conversationHref('C1'), c2ConversationHref: wire.conversationHref('C2') };

function play(events: readonly HelpdeskEvent[]) {
  const results: Advance[] = [];
  for (const [index, event] of events.entries()) {
    const snapshot = results.at(-1)?.snapshot;
    results.push(advance({ snapshot, sessionId, event, now: 1_000 + index, settings }));
  }
  return { results, last: results.at(-1), commands: results.flatMap(({ commands }) => commands) };
}

/** A recorded run up to the first time that it is in this state. */
function upTo(state: string, name = 'goodPath'): HelpdeskEvent[] {
  const events = scenarios[name] ?? [];
  const index = play(events).results.findIndex((result) => result.state === state);
  return events.slice(0, index + 1);
}

const external = (commands: readonly Command[]) =>
  commands.filter(isExternal).map((command) => ('leg' in command ? `${command.name} ${command.leg}` : command.name));

describe('the good path', () => {
  const run = play(scenarios.goodPath ?? []);

  test('asks the platform for steps 8 to 20 in this order', () => {
    expect(external(run.commands)).toEqual([
      'startAdhocMeeting',
      'addMessaging',
      'acceptAndBridge',
      'addBridgedParticipant',
      'sendMessage',
      'addParticipant',
      'terminateOnlineMeeting',
      'terminateConversation C2',
    ]);
  });

  test('follows the links that the platform gave', () => {
    expect(run.commands).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'startAdhocMeeting',
          subject: 'Vera: Where is my parcel?',
          callbackContext: sessionId,
        }),
        expect.objectContaining({
          name: 'acceptAndBridge',
          impersonatedDisplayName: settings.displayName,
          onlineMeetingUri: wire.meetingUri,
        }),
        expect.objectContaining({
          name: 'addBridgedParticipant',
          participantUri: wire.ann.uri,
          displayName: 'Ann',
          messageFilterState: 'Disabled',
        }),
        expect.objectContaining({ name: 'addParticipant', to: wire.ann.uri }),
        expect.objectContaining({ name: 'sendMessage', purpose: 'welcome', text: settings.welcomeText }),
        expect.objectContaining({ name: 'terminateConversation', href: wire.conversationHref('C2') }),
      ]),
    );
  });

  test('records each message once for its leg, the visitor’s not a second time for the meeting', () => {
    const rows = run.commands.flatMap((command) =>
      command.name === 'recordVisitorMessage' || command.name === 'recordInternalMessage'
        ? [[command.name, 'author' in command ? command.author : '', command.authorName, command.text]]
        : [],
    );
    expect(rows).toEqual([
      ['recordVisitorMessage', 'helpdesk', 'Helpdesk', settings.welcomeText],
      ['recordVisitorMessage', 'visitor', 'Vera', 'Hello, is anybody there?'],
      ['recordInternalMessage', '', 'Ann', 'Yes: how can I help?'],
      ['recordVisitorMessage', 'agent', 'Ann', 'Yes: how can I help?'],
    ]);
  });

  test('can be summed up for the session’s row', () => {
    expect(summaryOf(play(upTo('serving')).last?.snapshot)).toEqual({
      state: 'serving',
      ...legs,
      onlineMeetingUri: wire.meetingUri,
      visitorName: 'Vera',
      visitorUri: wire.visitorUri,
      subject: 'Where is my parcel?',
      agentUri: wire.ann.uri,
      agentDisplayName: 'Ann',
    });
    expect(summaryOf(run.last?.snapshot)).toMatchObject({ state: 'terminated', closeReason: 'visitorLeft' });
  });
});

describe('the text of our own message', () => {
  const welcomed = upTo('awaitingAgent', 'messageBeforeItsAnswer');
  const welcomeSeen = (operationId?: string) =>
    fromCallback(
      wire.batch(wire.message({ leg: 'C1', n: 2, direction: 'Outgoing', at: 77, ...(operationId && { operationId }) })),
      legs,
    );
  const answered: HelpdeskEvent = {
    type: 'command.succeeded',
    name: 'sendMessage',
    n: 1,
    location: wire.baseuri + wire.messagePath('C1', 2),
  };
  const recorded = { name: 'recordVisitorMessage', timeStampMs: 77, text: settings.welcomeText, author: 'helpdesk' };

  test('is found by its operationId', () => {
    const { last } = play([...welcomed, ...welcomeSeen(`${sessionId}:sendMessage:1`)]);
    expect(last?.commands).toMatchObject([recorded]);
  });

  test('is found by its Location, whichever comes first', () => {
    expect(play([...welcomed, answered, ...welcomeSeen()]).last?.commands).toMatchObject([recorded]);
    const late = play([...welcomed, ...welcomeSeen(), answered]);
    expect(late.last?.commands).toMatchObject([recorded]);
    expect(late.commands.filter(({ name }) => name === 'recordVisitorMessage')).toHaveLength(1);
  });
});

describe('a timer', () => {
  const ringing = upTo('awaitingAgent');
  const armed = play(ringing).last?.commands.find((command) => command.name === 'scheduleTimer');
  const dueAt = armed?.name === 'scheduleTimer' ? armed.dueAt : 0;

  test('that was moved is not the one that is armed', () => {
    const { last } = play([...ringing, { type: 'timer.ringTimeout', dueAt: dueAt - 1 }]);
    expect(last).toMatchObject({ ignored: true, state: 'awaitingAgent', commands: [] });
  });

  test('that is due moves on to the next agent, without the one who did not answer', () => {
    const { last } = play([...ringing, { type: 'timer.ringTimeout', dueAt }]);
    expect(last?.state).toBe('assigning');
    expect(last?.commands).toMatchObject([
      { name: 'removeBridgedParticipant', href: wire.baseuri + wire.bridgedParticipantPath(wire.ann) },
      { name: 'releaseAgent', agentUri: wire.ann.uri, reason: 'ringTimeout' },
      { name: 'assignAgent', excluded: [wire.ann.uri] },
      { name: 'scheduleTimer', timer: 'ringTimeout' },
    ]);
  });
});

describe('what is ignored says why', () => {
  const serving = upTo('serving');
  const cases: readonly (readonly [string, HelpdeskEvent | undefined, RegExp])[] = [
    [
      'typing',
      fromCallback(wire.batch(wire.participant('C2', 'added', wire.ann, true)), legs)[0],
      /^Ignored typing: .*\.$/,
    ],
    [
      'an unknown word',
      { type: 'unrecognized', word: 'audioVideo', eventType: 'added', why: 'it is not used' },
      /^Ignored audioVideo added: it is not used\.$/,
    ],
    ['a known fact', serving.at(-1), /nothing new\.$/],
    ['an outcome of nothing', { type: 'command.failed', name: 'decline', n: 1 }, /it was never asked for\.$/],
    ['an outcome twice', { type: 'command.failed', name: 'acceptAndBridge', n: 1 }, /its outcome is known\.$/],
    ['an assignment at the wrong time', { type: 'noAgentAvailable' }, /in serving: it does not apply there\.$/],
    ['a wait that is over', { type: 'timer.startTimeout' }, /that wait is over\.$/],
  ];

  test.each(cases)('%s', (_name, event, reason) => {
    const { last } = play(event === undefined ? [] : [...serving, event]);
    expect(last).toMatchObject({ ignored: true, commands: [], state: 'serving' });
    expect(last?.decision).toMatch(reason);
  });
});

describe('a snapshot', () => {
  const { last } = play(upTo('serving'));

  test('of another version, of a state that is no more, or none at all is refused', () => {
    const stored = JSON.parse(JSON.stringify(last?.snapshot)) as object;
    const event: HelpdeskEvent = { type: 'noAgentAvailable' };
    for (const snapshot of [
      { ...stored, machineVersion: '0' },
      { ...stored, value: { record: {}, flow: 'gone' } },
      { ...stored, context: null },
      'serving',
    ]) {
      expect(() => advance({ snapshot, sessionId, event, now: 1, settings })).toThrow(SnapshotVersionError);
    }
  });

  test('holds no commands, is plain JSON and carries the version', () => {
    expect(last?.snapshot).toMatchObject({ machineVersion });
    expect(JSON.stringify(last?.snapshot)).not.toContain('"commands"');
  });

  test('comes from the log alone', () => {
    const log = upTo('serving').map((event, index) => ({ event, now: 1_000 + index, settings }));
    expect(rebuild(sessionId, log)).toEqual(last);
    expect(rebuild(sessionId, [])).toBeUndefined();
  });
});

test('the meeting’s subject is cut to what the wire allows, never inside a character', () => {
  const [invitation, ...rest] = upTo('startingAdhocMeeting');
  const long = { ...invitation, subject: '😀'.repeat(200) } as HelpdeskEvent;
  const [command] = play([long, ...rest]).commands.filter(({ name }) => name === 'startAdhocMeeting');
  const subject = command?.name === 'startAdhocMeeting' ? command.subject : '';
  expect(subject.length).toBeLessThanOrEqual(250);
  expect(subject).not.toMatch(/[\uD800-\uDBFF]$/);
});
