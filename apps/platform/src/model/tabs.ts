/** Several tabs of one client: one application, an event channel each (reference/ucwa-api.md 2 "instanceId"). */
import { openUcwaChannel, ucwaChannelId } from './channel.ts';
import type { ChannelInstance, UcwaApplication } from './documents.ts';
import type { World } from './world.ts';

/** An application, and which of its event channels the caller's tab has; none: the one it was created with. */
export interface SignedIn {
  readonly id: string;
  /** False: both were there. */
  readonly created: boolean;
  readonly key?: string;
}

/** Tabs of one client: beyond this the one that came first loses its channel. */
const maxInstances = 10;

/** The channel of one tab of a living application: the one that it was created with, one that is known, or a new one. */
export function openInstance(world: World, application: UcwaApplication, instanceId: string | undefined): SignedIn {
  const { id, instances = [] } = application;
  const isFirst = instanceId === undefined || application.instanceId === instanceId;
  if (isFirst && world.get('channel', ucwaChannelId(id)) !== undefined) return { id, created: false };
  const known = instances.find((instance) => instance.instanceId === instanceId);
  if (known !== undefined) return { id, created: false, key: known.key };
  const added: ChannelInstance = { ...(instanceId === undefined ? {} : { instanceId }), key: world.newId() };
  for (const { key } of instances.slice(0, Math.max(0, instances.length + 1 - maxInstances)))
    world.delete('channel', ucwaChannelId(id, key));
  world.put('ucwaApplication', id, { ...application, instances: [...instances, added].slice(-maxInstances) });
  world.put('channel', ucwaChannelId(id, added.key), openUcwaChannel());
  return { id, created: true, key: added.key };
}

/** Every event channel that the application may have, the one that it was created with first. */
export function channelIdsOf({ id, instances = [] }: Pick<UcwaApplication, 'id' | 'instances'>): string[] {
  return [ucwaChannelId(id), ...instances.map(({ key }) => ucwaChannelId(id, key))];
}
