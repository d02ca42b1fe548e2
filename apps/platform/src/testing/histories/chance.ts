/** How a move of a random history chooses: three numbers among what is there, and whether somebody strays. */
import type { Conversation } from '../../model/documents.ts';
import type { Caller } from '../../model/messagingInvitation.ts';
import { endpoints, type Scene } from './scene.ts';
import type { Story } from './story.ts';

export interface Chance {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Somebody tries who has no business here. */
  readonly stray: boolean;
}

export type Play = (story: Story, chance: Chance) => Promise<void>;

export const pick = <T>(list: readonly T[], number: number): T | undefined => list[number % Math.max(1, list.length)];

/** Somebody who may act at all: every SA, every living application. */
export function callers(scene: Scene): Caller[] {
  const services = endpoints.map(({ uri, tenantId }, index) => ({
    owner: { face: 'service' as const, tenantId, endpointUri: uri },
    local: { uri, name: `Help ${index}` },
    tenantId,
  }));
  const applications = scene
    .all('ucwaApplication')
    .filter(({ ended }) => ended === undefined)
    .map(({ id, uri, name, tenantId }) => ({
      owner: { face: 'ucwa' as const, applicationId: id },
      local: { uri, name },
      tenantId,
    }));
  return [...services, ...applications];
}

/** The owner of a conversation, or, when somebody strays, anybody. */
export function callerFor(scene: Scene, conversation: Conversation, { stray, c }: Chance): Caller {
  const own = scene.callerOf(conversation);
  return stray ? (pick(callers(scene), c) ?? own) : own;
}

export const isStranger = (caller: Caller, conversation: Conversation): boolean =>
  JSON.stringify(caller.owner) !== JSON.stringify(conversation.owner);

export const living = (scene: Scene): Conversation[] =>
  scene.all('conversation').filter(({ endedAt }) => endedAt === undefined);
