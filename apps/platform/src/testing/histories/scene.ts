/**
 * Two tenants with everybody that may act in them, over a memory store: what random histories are played on. Every write and
 * every event is seen by a watcher when it happens, also within one decision.
 */
import type { WireEvent } from '@repo/ucwa-protocol/events';
import { renderEvent } from '../../hal/renderEvent.ts';
import type { ChannelEvent } from '../../model/channel.ts';
import { ucwaChannelId, wireEventOf } from '../../model/channel.ts';
import type { Conversation, Documents } from '../../model/documents.ts';
import type { Caller } from '../../model/messagingInvitation.ts';
import { onTimer } from '../../model/onTimer.ts';
import { RefusalError } from '../../model/refusal.ts';
import { permissions } from '../../model/registration.ts';
import { createWorld, type Kind, type World } from '../../model/world.ts';
import { type MemoryStore, openMemoryStore } from '../../store/memory.ts';

export const tenants = { contoso: 'tenant-contoso', fabrikam: 'tenant-fabrikam' } as const;

/** The address of each SA and the tenant that it belongs to. */
export const endpoints: readonly { readonly uri: string; readonly tenantId: string }[] = [
  { uri: 'sip:helpdesk@contoso.com', tenantId: tenants.contoso },
  { uri: 'sip:sales@contoso.com', tenantId: tenants.contoso },
  { uri: 'sip:helpdesk@fabrikam.com', tenantId: tenants.fabrikam },
];
export const people: readonly { readonly uri: string; readonly tenantId: string; readonly displayName: string }[] = [
  { uri: 'sip:ann@contoso.com', tenantId: tenants.contoso, displayName: 'Ann Secretname' },
  { uri: 'sip:bob@contoso.com', tenantId: tenants.contoso, displayName: 'Bob Secretname' },
  { uri: 'sip:eve@fabrikam.com', tenantId: tenants.fabrikam, displayName: 'Eve Secretname' },
];

export interface Write {
  readonly kind: Kind;
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Appended {
  readonly channelId: string;
  readonly seq: number;
  readonly event: ChannelEvent;
}

/** What one decision did, in the order in which it did it. */
export interface Deed {
  readonly name: string;
  readonly now: number;
  readonly refused: RefusalError | undefined;
  readonly writes: readonly Write[];
  readonly appended: readonly Appended[];
}

export interface Scene {
  now: number;
  readonly store: MemoryStore;
  readonly deeds: readonly Deed[];
  /** @returns what the decision returned, undefined when it was refused. @throws anything that is no refusal */
  act<T>(name: string, decide: (world: World) => T): Promise<T | undefined>;
  /** Rings what becomes due. @param ms milliseconds */
  pass(ms: number): Promise<void>;
  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined;
  all<K extends Kind>(kind: K): Documents[K][];
  /** A caller for whoever owns a conversation. */
  callerOf(conversation: Conversation): Caller;
}

export async function openScene(): Promise<Scene> {
  const store = openMemoryStore();
  const deeds: Deed[] = [];
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
  };
  const scene: Scene = {
    now: 1_800_000_000_000,
    store,
    deeds,
    act: async (name, decide) => {
      const writes: Write[] = [];
      const appended: Appended[] = [];
      const { now } = scene;
      try {
        const answer = await store.commit((transaction) => {
          const noted = (kind: Kind, id: string, after: unknown): void => {
            writes.push({ kind, id, before: transaction.get(kind, id), after });
          };
          const watched = {
            get: <K extends Kind>(kind: K, id: string) => transaction.get(kind, id),
            put: <K extends Kind>(kind: K, id: string, document: Documents[K]) => {
              noted(kind, id, document);
              transaction.put(kind, id, document);
            },
            delete: (kind: Kind, id: string) => {
              noted(kind, id, undefined);
              transaction.delete(kind, id);
            },
            schedule: transaction.schedule.bind(transaction),
            unschedule: transaction.unschedule.bind(transaction),
          };
          return decide(
            createWorld(watched, {
              now,
              newId,
              emit: (emission, look) => {
                const { channelId, event } = renderEvent(look, emission);
                const seq = transaction.append(channelId, event);
                appended.push({ channelId, seq, event });
                return seq;
              },
            }),
          );
        });
        deeds.push({ name, now, refused: undefined, writes, appended });
        return answer;
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error;
        deeds.push({ name, now, refused: error, writes: [], appended: [] });
        return undefined;
      }
    },
    pass: async (ms) => {
      const end = scene.now + ms;
      for (;;) {
        const [timer] = store.look((snapshot) => snapshot.timersDue(end, 1));
        if (timer === undefined) break;
        scene.now = Math.max(scene.now, timer.dueAt);
        await scene.act(`timer ${timer.kind}`, (world) => {
          world.unschedule(timer.name);
          onTimer(world, timer);
        });
      }
      scene.now = end;
    },
    get: (kind, id) => store.look((snapshot) => snapshot.get(kind, id)),
    all: (kind) =>
      store.look((snapshot) =>
        snapshot
          .ids(kind)
          .map((id) => snapshot.get(kind, id))
          .filter((document) => document !== undefined),
      ),
    callerOf: ({ owner, local }) => ({ owner, local, tenantId: tenantOf(scene, owner) }),
  };
  await scene.act('register', register);
  return scene;
}

function tenantOf(scene: Scene, owner: Conversation['owner']): string {
  if (owner.face === 'service') return owner.tenantId;
  return scene.get('ucwaApplication', owner.applicationId)?.tenantId ?? '';
}

function register(world: World): void {
  for (const [name, id] of Object.entries(tenants)) {
    const domain = `${name}.com`;
    world.put('tenant', domain, { id, domain, displayName: name, allowedOrigins: [] });
    world.put('serviceClient', `${id}:desk`, {
      clientId: 'desk',
      tenantId: id,
      displayName: 'Desk',
      audience: 'https://desk.example',
      relPrefix: name === 'contoso' ? 'ms:rtc:saas:' : 'service:',
      permissions: Object.values(permissions),
      privileged: false,
      callbackHosts: ['desk.example'],
      actForUsers: true,
      secretHashes: [],
    });
  }
  for (const [index, { uri, tenantId }] of endpoints.entries()) {
    world.put('endpoint', uri, {
      uri,
      tenantId,
      clientId: 'desk',
      applicationId: String(1_000_000_000 + index),
      displayName: `Help ${index}`,
      callbackUrl: 'https://desk.example/callback',
    });
  }
  for (const person of people) world.put('person', person.uri, person);
}

/** The channel on which the owner of a conversation is told of it. */
export function channelOf(conversation: Conversation): string {
  return conversation.owner.face === 'service'
    ? `service:${conversation.id}`
    : ucwaChannelId(conversation.owner.applicationId);
}

/** Every event of every channel, in the order in which it was appended. */
export function eventsByChannel(scene: Scene): Map<string, { readonly sender: string; readonly event: WireEvent }[]> {
  const channels = new Map<string, { sender: string; event: WireEvent }[]>();
  for (const { channelId, event } of scene.deeds.flatMap((deed) => deed.appended)) {
    const events = channels.get(channelId) ?? [];
    channels.set(channelId, events);
    events.push({ sender: event.sender.href, event: wireEventOf(event) });
  }
  return channels;
}
