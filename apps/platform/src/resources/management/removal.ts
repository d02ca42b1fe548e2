/**
 * Removing what something may be going on with. Without force a removal is refused while a conversation is; with force the
 * conversations end first, so that everybody who is in one is told, and then the registration goes. An SA hears no more of an
 * endpoint that is gone. Nothing here is half done when it is repeated.
 */
import type { Deps } from '../../deps.ts';
import type { Conversation } from '../../model/documents.ts';
import { personOwnerKey } from '../../model/presence.ts';
import { reason } from '../../model/refusal.ts';
import {
  type Endpoint,
  type Person,
  type ServiceClient,
  serviceClientKey,
  type Tenant,
} from '../../model/registration.ts';
import { endConversation, endMeeting } from '../../model/teardown.ts';
import { endApplication } from '../../model/ucwaApplication.ts';
import type { World } from '../../model/world.ts';
import { conflict } from './inputs.ts';
import { documentsOf } from './lists.ts';

/** Conversations that end in one commit: each touches many documents. */
const chunkSize = 5;
/** Conversations that begin while others are being ended are ended too, but not for ever. */
const maxRounds = 5;

/** What went along. */
export interface Removed {
  readonly conversations: number;
  readonly endpoints?: number;
  readonly applications?: number;
  readonly people?: number;
}

type RemovalDeps = Pick<Deps, 'store' | 'act'>;

/** @throws RequestRefusedError 409 while it has conversations and force is not given */
export async function removeEndpoint(deps: RemovalDeps, { uri }: Endpoint, force: boolean): Promise<Removed> {
  let conversations = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const living = await livingConversations(deps, uri);
    if (living.length === 0) break;
    if (!force) conflict(`${uri} has ${living.length} living conversation(s); they end when force is given`);
    conversations += living.length;
    for (let from = 0; from < living.length; from += chunkSize) {
      const chunk = living.slice(from, from + chunkSize);
      await deps.act(undefined, (world) => {
        for (const id of chunk) endForGood(world, id);
      });
    }
  }
  await deps.store.commit((transaction) => transaction.delete('endpoint', uri));
  return { conversations };
}

/** @throws RequestRefusedError 409 while it has endpoints and force is not given */
export async function removeApplication(deps: RemovalDeps, client: ServiceClient, force: boolean): Promise<Removed> {
  const endpoints: Endpoint[] = [];
  for await (const { document } of documentsOf(deps.store, 'endpoint')) {
    const isOwn = document.clientId.toLowerCase() === client.clientId.toLowerCase();
    if (isOwn && document.tenantId === client.tenantId) endpoints.push(document);
  }
  if (endpoints.length > 0 && !force)
    conflict(`${client.clientId} has ${endpoints.length} endpoint(s); they are removed when force is given`);
  let conversations = 0;
  for (const endpoint of endpoints) conversations += (await removeEndpoint(deps, endpoint, force)).conversations;
  const key = serviceClientKey(client.tenantId, client.clientId);
  await deps.store.commit((transaction) => transaction.delete('serviceClient', key));
  return { conversations, endpoints: endpoints.length };
}

/** A person's clients are signed out. @throws RequestRefusedError 409 while one is in a conversation and force is not given */
export async function removePerson(deps: RemovalDeps, { uri }: Person, force: boolean): Promise<Removed> {
  const conversations = await deps.act(undefined, (world) => {
    const signedIn = (world.get('owner', personOwnerKey(uri))?.applicationIds ?? [])
      .map((id) => world.get('ucwaApplication', id))
      .filter((application) => application !== undefined)
      .filter((application) => application.ended === undefined);
    const living = signedIn.reduce((sum, { conversationIds }) => sum + conversationIds.length, 0);
    if (living > 0 && !force) conflict(`${uri} is in ${living} conversation(s); they end when force is given`);
    for (const { id } of signedIn) endApplication(world, id, 'SignedOut');
    world.delete('person', uri);
    return living;
  });
  return { conversations };
}

/** @throws RequestRefusedError 409 while anything is registered in it and force is not given */
export async function removeTenant(deps: RemovalDeps, tenant: Tenant, force: boolean): Promise<Removed> {
  const clients = await ofTenant(deps, 'serviceClient', tenant);
  const people = await ofTenant(deps, 'person', tenant);
  if (clients.length + people.length > 0 && !force)
    conflict(
      `${tenant.domain} has ${clients.length} application(s) and ${people.length} person(s); they are removed when force is given`,
    );
  let [conversations, endpoints] = [0, 0];
  for (const client of clients) {
    const removed = await removeApplication(deps, client, force);
    conversations += removed.conversations;
    endpoints += removed.endpoints ?? 0;
  }
  for (const person of people) conversations += (await removePerson(deps, person, force)).conversations;
  await deps.store.commit((transaction) => transaction.delete('tenant', tenant.domain));
  return { conversations, endpoints, applications: clients.length, people: people.length };
}

async function ofTenant<K extends 'serviceClient' | 'person'>({ store }: RemovalDeps, kind: K, { id }: Tenant) {
  const found: (K extends 'person' ? Person : ServiceClient)[] = [];
  for await (const { document } of documentsOf(store, kind)) {
    if (document.tenantId === id) found.push(document as (typeof found)[number]);
  }
  return found;
}

/** Views of the endpoint that have not ended. */
async function livingConversations({ store }: RemovalDeps, endpointUri: string): Promise<string[]> {
  const living: string[] = [];
  for await (const { id, document } of documentsOf(store, 'conversation')) {
    if (isLiving(document) && document.owner.face === 'service' && document.owner.endpointUri === endpointUri)
      living.push(id);
  }
  return living;
}

const isLiving = ({ endedAt }: Conversation): boolean => endedAt === undefined;

/** A meeting that no other service application is in is over: nobody would be left whom the agents in it could help. */
function endForGood(world: World, id: string): void {
  const conversation = world.get('conversation', id);
  if (conversation === undefined || !isLiving(conversation)) return;
  const meeting = world.get('meeting', conversation.meetingUri ?? '');
  const others = meeting?.members.filter(({ role, conversationId }) => role === 'trusted' && conversationId !== id);
  if (conversation.shape === 'meeting' && meeting !== undefined && others?.length === 0) endMeeting(world, meeting.uri);
  endConversation(world, id, { reason: reason('LocalFailure', 'Ended') });
}
