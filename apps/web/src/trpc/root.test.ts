import type { HelpdeskSession } from '@repo/db/helpdeskSessions';
import type { RecordedMessage } from '@repo/db/transcripts';
import { describe, expect, it, vi } from 'vitest';
import type { Role } from '../auth/roles.ts';
import type { SignedInPerson } from '../auth/verifySignIn.ts';
import type { Context } from './context.ts';
import { mayCall, permissions } from './permissions.ts';
import type { Records } from './records.ts';
import { appRouter, createCaller } from './root.ts';

/** Written out again on purpose: a change of the permissions has to be made twice, knowingly. */
const expected: Readonly<Record<string, readonly Role[]>> = {
  'desk.connection': ['agent', 'supervisor'],
  'desk.endSession': ['agent', 'supervisor'],
  'desk.heartbeat': ['agent', 'supervisor'],
  'desk.mySessions': ['agent', 'supervisor'],
  'desk.sessionByMeeting': ['agent', 'supervisor'],
  'helpdeskSessions.byId': ['admin', 'agent', 'supervisor'],
  'helpdeskSessions.list': ['admin', 'agent', 'supervisor'],
  'helpdesks.list': ['admin', 'supervisor'],
  'people.list': ['admin'],
  'transcripts.bySession': ['admin', 'agent', 'supervisor'],
};
const inputs: Readonly<Record<string, unknown>> = {
  'desk.endSession': { sessionId: 'hds_1' },
  'desk.heartbeat': { status: 'available' },
  'desk.sessionByMeeting': { onlineMeetingUri: 'sip:m1' },
  'helpdeskSessions.byId': { id: 'hds_1' },
  'helpdeskSessions.list': {},
  'transcripts.bySession': { sessionId: 'hds_1' },
};

const person = (role: Role, name = 'ann'): SignedInPerson => ({
  id: name,
  name,
  email: `${name}@contoso.com`,
  sipUri: `sip:${name}@contoso.com`,
  role,
});

const session: HelpdeskSession = {
  id: 'hds_1',
  helpdeskId: 'hdk_1',
  conversationHref: undefined,
  state: 'serving',
  visitorName: 'Vera',
  subject: 'Invoice',
  page: { page: 'https://contoso.com/pay' },
  onlineMeetingUri: 'sip:m1',
  startedAt: new Date(1000),
  endedAt: undefined,
  endReason: undefined,
};
const message: RecordedMessage = {
  id: 'msg_1',
  sessionId: 'hds_1',
  timeStampMs: 0,
  direction: 'Outgoing',
  author: 'agent',
  delivered: true,
  senderUri: undefined,
  senderName: 'Ann',
  format: 'plain',
  text: '',
};

function makeContext(who: SignedInPerson | undefined, overrides: Partial<Context> = {}): Context {
  const records: Records = {
    listSessions: vi.fn(async () => []),
    findSession: async (id) => (id === session.id ? session : undefined),
    findSessionByMeetingUri: async (uri) => (uri === session.onlineMeetingUri ? session : undefined),
    sessionTimeline: async () => [],
    visitorMessages: async () => [{ ...message, timeStampMs: 20, text: 'to the visitor' }],
    internalMessages: async () => [{ ...message, timeStampMs: 10, text: 'among ourselves' }],
    assignmentsOf: async () => [
      {
        id: 'asg_1',
        sessionId: 'hds_1',
        personName: 'Ann',
        personUri: 'sip:Ann@contoso.com',
        considered: [],
        assignedAt: new Date(1000),
        releasedAt: undefined,
        releaseReason: undefined,
      },
    ],
    renewPresence: vi.fn(async () => {}),
    listPeople: async () => [],
    listHelpdesks: async () => [
      {
        id: 'hdk_1',
        publicKey: 'contoso',
        uri: 'sip:helpdesk@contoso.com',
        displayName: 'Contoso',
        allowedOrigins: [],
        welcomeText: '',
        noAgentText: '',
        ringTimeoutMs: 1,
        startTimeoutMs: 1,
      },
    ],
  };
  return {
    person: who,
    sameOrigin: true,
    webUrl: 'http://localhost:3000',
    now: () => new Date(5000),
    records,
    service: {
      platformUrl: 'http://localhost:3001/',
      issueAgentToken: async () => ({ token: 'secret', expiresAt: new Date(9000) }),
      endSession: vi.fn(async () => {}),
    },
    ...overrides,
  };
}

/** Calls a procedure by its path, as the HTTP adapter does, and tells how it was answered. */
async function outcomeOf(path: string, context: Context): Promise<string> {
  const [group = '', name = ''] = path.split('.');
  const caller: unknown = createCaller(context);
  const call = (caller as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[group]?.[name];
  if (!call) throw new Error(`no procedure ${path}`);
  return call(inputs[path]).then(
    () => 'answered',
    (error: { code?: string }) => error.code ?? String(error),
  );
}

const paths = Object.keys(appRouter._def.procedures).sort();
const everyRole: readonly Role[] = ['admin', 'supervisor', 'agent'];

describe('who may call what', () => {
  it('names every procedure, and nothing else', () => {
    expect(paths).toEqual(Object.keys(expected).sort());
    expect(Object.keys(permissions).sort()).toEqual(paths);
  });

  it.each(paths.flatMap((path) => everyRole.map((role) => [path, role] as const)))('%s by %s', async (path, role) => {
    const allowed = expected[path]?.includes(role) ?? false;
    expect(await outcomeOf(path, makeContext(person(role)))).toBe(allowed ? 'answered' : 'FORBIDDEN');
  });

  it.each(paths)('%s by a stranger', async (path) => {
    expect(await outcomeOf(path, makeContext(undefined))).toBe('UNAUTHORIZED');
  });

  it.each(['desk.heartbeat', 'desk.endSession'])('%s from a page of another origin', async (path) => {
    expect(await outcomeOf(path, makeContext(person('supervisor'), { sameOrigin: false }))).toBe('FORBIDDEN');
  });

  it('refuses a procedure that is not in the table, also under names that every object has', () => {
    for (const role of everyRole) {
      for (const path of ['desk.unlisted', 'constructor', '__proto__', 'toString', '']) {
        expect(mayCall(role, path)).toBe(false);
      }
    }
  });
});

describe("an agent's view", () => {
  it.each(['helpdeskSessions.byId', 'transcripts.bySession', 'desk.sessionByMeeting', 'desk.endSession'])(
    '%s shows nothing of a session that was never his',
    async (path) => {
      const context = makeContext(person('agent', 'bob'));
      expect(await outcomeOf(path, context)).toBe('NOT_FOUND');
      expect(context.service.endSession).not.toHaveBeenCalled();
    },
  );

  /** His assignment as it is or ended, in a session in this state. */
  function rung(role: Role, state: string, releaseReason: string | undefined): Context {
    const context = makeContext(person(role));
    const found = { ...session, state };
    const { assignmentsOf } = context.records;
    const releasedAt = releaseReason === undefined ? undefined : new Date(2000);
    const records: Records = {
      ...context.records,
      findSession: async () => found,
      findSessionByMeetingUri: async () => found,
      assignmentsOf: async (id) => (await assignmentsOf(id)).map((one) => ({ ...one, releasedAt, releaseReason })),
    };
    return { ...context, records };
  }
  const reads = ['helpdeskSessions.byId', 'transcripts.bySession'];

  it.each<[Role, string, string | undefined, string, string, string]>([
    ['agent', 'awaitingAgent', 'declined', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ['agent', 'serving', 'declined', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ['agent', 'serving', 'ringTimeout', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ['agent', 'serving', 'unreachable', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ['agent', 'serving', 'commandFailed', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ['agent', 'terminated', 'endedUnanswered', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ['agent', 'awaitingAgent', undefined, 'NOT_FOUND', 'answered', 'answered'],
    ['agent', 'serving', undefined, 'answered', 'answered', 'answered'],
    ['agent', 'serving', 'left', 'answered', 'answered', 'FORBIDDEN'],
    ['agent', 'serving', 'sessionEnded', 'answered', 'answered', 'FORBIDDEN'],
    ['agent', 'ending', 'sessionEnded', 'answered', 'answered', 'answered'],
    ['supervisor', 'serving', 'declined', 'answered', 'answered', 'answered'],
    ['admin', 'serving', 'declined', 'answered', 'FORBIDDEN', 'FORBIDDEN'],
  ])(
    '%s in %s, assignment ended by %s: reading %s, the call %s, the end %s',
    async (role, state, reason, read, call, end) => {
      for (const path of reads) expect(await outcomeOf(path, rung(role, state, reason))).toBe(read);
      expect(await outcomeOf('desk.sessionByMeeting', rung(role, state, reason))).toBe(call);
      const context = rung(role, state, reason);
      expect(await outcomeOf('desk.endSession', context)).toBe(end);
      const ends = end === 'answered' && state !== 'ending' ? 1 : 0;
      expect(context.service.endSession).toHaveBeenCalledTimes(ends);
    },
  );

  it('shows who is calling while it rings, and what was said once he is in', async () => {
    const ask = (state: string) =>
      createCaller(rung('agent', state, undefined)).desk.sessionByMeeting({ onlineMeetingUri: 'sip:m1' });
    expect(await ask('awaitingAgent')).toMatchObject({ visitorName: 'Vera', subject: 'Invoice', messages: [] });
    expect((await ask('serving')).messages).toHaveLength(2);
  });

  it('lists his own sessions only', async () => {
    const context = makeContext(person('agent'));
    await createCaller(context).helpdeskSessions.list({});
    expect(context.records.listSessions).toHaveBeenCalledWith({ limit: 50, personUri: 'sip:ann@contoso.com' });
  });

  it('is not narrowed for a supervisor', async () => {
    const context = makeContext(person('supervisor'));
    await createCaller(context).helpdeskSessions.list({});
    expect(context.records.listSessions).toHaveBeenCalledWith({ limit: 50 });
  });
});

describe('the routers', () => {
  it('put both record tables into one order, marked by who could read them', async () => {
    const messages = await createCaller(makeContext(person('agent'))).transcripts.bySession({ sessionId: 'hds_1' });
    expect(messages.map(({ audience, text }) => [audience, text])).toEqual([
      ['internal', 'among ourselves'],
      ['visitor', 'to the visitor'],
    ]);
  });

  it('give the desk the root of the platform and a token for this person', async () => {
    const connection = await createCaller(makeContext(person('agent'))).desk.connection();
    expect(connection).toEqual({
      rootHref: 'http://localhost:3001/autodiscover/root',
      token: 'secret',
      expiresAt: 9000,
      sipUri: 'sip:ann@contoso.com',
      name: 'ann',
    });
  });

  it('renew the presence for 30 s', async () => {
    const context = makeContext(person('agent'));
    await createCaller(context).desk.heartbeat({ status: 'away' });
    expect(context.records.renewPresence).toHaveBeenCalledWith({
      sipUri: 'sip:ann@contoso.com',
      status: 'away',
      until: new Date(35_000),
    });
  });

  it('write the tag that customers copy', async () => {
    const [helpdesk] = await createCaller(makeContext(person('admin'))).helpdesks.list();
    expect(helpdesk?.scriptTag).toBe(
      '<script type="module" src="http://localhost:3000/widget/v1.js" data-helpdesk="contoso"></script>',
    );
  });
});
