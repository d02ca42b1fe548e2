/** Decisions without a server: a memory store, a clock that stands still, countable ids, and what each channel was told. */
import type { WireEvent } from '@repo/ucwa-protocol/events';
import { wordOf } from '@repo/ucwa-protocol/rels';
import { renderEvent } from '../hal/renderEvent.ts';
import { serviceChannelId, ucwaChannelId, wireEventOf } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import { addMessaging } from '../model/messaging.ts';
import { acceptAndBridge, type Caller, startMessaging } from '../model/messagingInvitation.ts';
import { acceptMeeting, startAdhocMeeting } from '../model/onlineMeetingInvitation.ts';
import { onTimer } from '../model/onTimer.ts';
import { addParticipant } from '../model/participantInvitation.ts';
import { makeMeAvailable } from '../model/presence.ts';
import type { AnonymousPrincipal, PersonPrincipal } from '../model/principal.ts';
import { permissions } from '../model/registration.ts';
import { createApplication } from '../model/ucwaApplication.ts';
import { createWorld, type Kind, type World } from '../model/world.ts';
import { openMemoryStore } from '../store/memory.ts';

export const tenantId = '0a4f7a5e-0000-4000-8000-00000000c010';
export const helpdesk = 'sip:helpdesk@contoso.com';
export const ann = 'sip:ann@contoso.com';
export const bob = 'sip:bob@contoso.com';

export interface ModelWorld {
  now: number;
  act<T>(decide: (world: World) => T): Promise<T>;
  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined;
  /** Rings what became due. @param ms milliseconds */
  advance(ms: number): Promise<void>;
  /** Everything that the channel was told since it was last asked, in order. */
  told(channelId: string): WireEvent[];
  /** The same, as `word type [state or status]`. */
  heard(channelId: string): string[];
}

export async function createModelWorld(): Promise<ModelWorld> {
  const store = openMemoryStore();
  const read = new Map<string, number>();
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
  };
  const model: ModelWorld = {
    now: 1_800_000_000_000,
    act: (decide) =>
      store.commit((transaction) =>
        decide(
          createWorld(transaction, {
            now: model.now,
            newId,
            emit: (emission, look) => {
              const { channelId, event } = renderEvent(look, emission);
              return transaction.append(channelId, event);
            },
          }),
        ),
      ),
    get: (kind, id) => store.look((snapshot) => snapshot.get(kind, id)),
    advance: async (ms) => {
      const end = model.now + ms;
      for (;;) {
        const [timer] = store.look((snapshot) => snapshot.timersDue(end, 1));
        if (timer === undefined) break;
        model.now = Math.max(model.now, timer.dueAt);
        await model.act((world) => {
          world.unschedule(timer.name);
          onTimer(world, timer);
        });
      }
      model.now = end;
    },
    told: (channelId) => {
      const events = store.look((snapshot) => snapshot.events(channelId, (read.get(channelId) ?? 0) + 1, 10_000));
      const last = events.at(-1);
      if (last !== undefined) read.set(channelId, last.seq);
      return events.map(wireEventOf);
    },
    heard: (channelId) => model.told(channelId).map(brief),
  };
  await model.act(register);
  return model;
}

function register(world: World): void {
  world.put('tenant', 'contoso.com', {
    id: tenantId,
    domain: 'contoso.com',
    displayName: 'Contoso',
    allowedOrigins: [],
  });
  world.put('serviceClient', `${tenantId}:desk`, {
    clientId: 'desk',
    tenantId,
    displayName: 'Desk',
    audience: 'https://desk.example',
    relPrefix: 'ms:rtc:saas:',
    permissions: Object.values(permissions),
    privileged: false,
    callbackHosts: ['desk.example'],
    actForUsers: true,
    secretHashes: [],
  });
  world.put('endpoint', helpdesk, {
    uri: helpdesk,
    tenantId,
    clientId: 'desk',
    applicationId: '1234567890',
    displayName: 'Help desk',
    callbackUrl: 'https://desk.example/callback',
  });
  world.put('person', ann, { uri: ann, tenantId, displayName: 'Ann' });
  world.put('person', bob, { uri: bob, tenantId, displayName: 'Bob' });
}

function brief(event: WireEvent): string {
  const resource = event._embedded?.[event.link.rel];
  const where = event.in === undefined ? '' : ` in ${wordOf(event.in.rel)}`;
  const detail = event.status ?? (typeof resource?.state === 'string' ? resource.state : undefined);
  const why = event.reason?.subcode;
  return `${wordOf(event.link.rel)} ${event.type}${where}${detail === undefined ? '' : ` ${detail}`}${why === undefined ? '' : ` ${why}`}`;
}

export const sa: Caller = {
  owner: { face: 'service', tenantId, endpointUri: helpdesk },
  tenantId,
  local: { uri: helpdesk, name: 'Help desk' },
};

export interface Instance {
  readonly id: string;
  readonly channelId: string;
  readonly caller: Caller;
}

export async function signInVisitor(model: ModelWorld, session = 'session-1', name = 'Vera'): Promise<Instance> {
  const principal: AnonymousPrincipal = {
    kind: 'anonymous',
    tenantId,
    endpointUri: helpdesk,
    applicationSessionId: session,
    allowedOrigins: ['https://shop.example'],
    expiresAt: model.now + 8 * 3_600_000,
  };
  const { id } = await model.act((world) => createApplication(world, principal, { anonymousDisplayName: name }));
  return instance(model, id);
}

export async function signInPerson(model: ModelWorld, uri: string, endpointId = 'tab-1'): Promise<Instance> {
  const person = { uri, tenantId, displayName: uri === ann ? 'Ann' : 'Bob' };
  const principal: PersonPrincipal = { kind: 'person', tenantId, uri, person, expiresAt: model.now + 8 * 3_600_000 };
  const { id } = await model.act((world) =>
    createApplication(world, principal, { culture: 'en-us', userAgent: 'desk', endpointId }),
  );
  await model.act((world) => {
    const application = world.get('ucwaApplication', id);
    if (application !== undefined) makeMeAvailable(world, application, {});
  });
  return instance(model, id);
}

function instance(model: ModelWorld, id: string): Instance {
  const application = model.get('ucwaApplication', id);
  const local = { uri: application?.uri ?? '', name: application?.name ?? '' };
  return { id, channelId: ucwaChannelId(id), caller: { owner: { face: 'ucwa', applicationId: id }, tenantId, local } };
}

export interface Chat {
  readonly visitor: Instance;
  /** The visitor's view. */
  readonly cc: string;
  /** The SA's views of the leg and of the meeting. */
  readonly c1: string;
  readonly c2: string;
  readonly incomingId: string;
  readonly meetingUri: string;
  readonly c1Channel: string;
  readonly c2Channel: string;
}

/** Steps 5 to 7. */
export async function ringHelpdesk(
  model: ModelWorld,
  session = 'session-1',
): Promise<Omit<Chat, 'c2' | 'c2Channel' | 'meetingUri'>> {
  const visitor = await signInVisitor(model, session);
  const { id } = await model.act((world) =>
    startMessaging(world, visitor.caller, { operationId: 'hello', to: helpdesk, subject: 'Where is my parcel?' }),
  );
  const outgoing = model.get('invitation', id);
  const incomingId = outgoing?.counterpartIds[0] ?? '';
  const cc = outgoing?.conversationId ?? '';
  const c1 = model.get('invitation', incomingId)?.conversationId ?? '';
  return { visitor, cc, c1, incomingId, c1Channel: serviceChannelId(c1) };
}

/** Steps 8a to 8c. */
export async function startMeeting(model: ModelWorld): Promise<Pick<Chat, 'c2' | 'c2Channel' | 'meetingUri'>> {
  const { id } = await model.act((world) =>
    startAdhocMeeting(world, sa, { operationId: 'meet', subject: 'Vera: parcel' }),
  );
  const invitation = model.get('invitation', id);
  const c2 = invitation?.conversationId ?? '';
  await model.act((world) => addMessaging(world, sa.owner, c2, { operationId: 'chat' }));
  return { c2, c2Channel: serviceChannelId(c2), meetingUri: invitation?.meetingUri ?? '' };
}

/** Steps 5 to 10. */
export async function bridgeVisitor(model: ModelWorld): Promise<Chat> {
  const ringing = await ringHelpdesk(model);
  const meeting = await startMeeting(model);
  await model.act((world) =>
    acceptAndBridge(world, sa, ringing.incomingId, {
      onlineMeetingUri: meeting.meetingUri,
      impersonatedDisplayName: 'Contoso help',
    }),
  );
  return { ...ringing, ...meeting };
}

/** Steps 14, 15. @returns the agent's own view of the meeting */
export async function callInAgent(model: ModelWorld, chat: Pick<Chat, 'c2'>, agent: Instance): Promise<string> {
  const to = agent.caller.local.uri;
  const { id } = await model.act((world) => addParticipant(world, sa, chat.c2, { operationId: `call-${to}`, to }));
  const rung = model.get('invitation', id)?.counterpartIds.map((rungId) => model.get('invitation', rungId)) ?? [];
  const own = rung.find((invitation) => {
    const owner = model.get('conversation', invitation?.conversationId ?? '')?.owner;
    return owner?.face === 'ucwa' && owner.applicationId === agent.id;
  });
  await model.act((world) => acceptMeeting(world, agent.caller.owner, own?.id ?? ''));
  const ca = own?.conversationId ?? '';
  await model.act((world) => addMessaging(world, agent.caller.owner, ca, {}));
  return ca;
}
