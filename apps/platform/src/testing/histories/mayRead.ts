/**
 * Who may read what is said: the rules of reference/service-api.md 10 and reference/call-flow.md A3 to A6 written a second time, without the
 * platform's own functions, from what the SAs have asked for and from which conversations live.
 */
import type { Conversation } from '../../model/documents.ts';
import { channelOf, type Scene } from './scene.ts';

/** What the SAs have asked for: whom each leg may hear. Kept by the moves, read here. */
export class Wishes {
  readonly #passes = new Map<string, Map<string, boolean>>();

  /** The SA names somebody on a leg, or changes its mind. @param filter as it was sent; missing = blocked */
  name(legId: string, uri: string, filter: string | undefined): void {
    const leg = this.#passes.get(legId) ?? new Map<string, boolean>();
    this.#passes.set(legId, leg);
    leg.set(uri.toLowerCase(), filter === 'Disabled');
  }

  remove(legId: string, uri: string): void {
    this.#passes.get(legId)?.delete(uri.toLowerCase());
  }

  passes(legId: string, uri: string): boolean {
    return this.#passes.get(legId)?.get(uri.toLowerCase()) === true;
  }
}

/** @returns ids of the conversations that show what is said in one of them now, the speaker's own included */
export function readersOf(scene: Scene, wishes: Wishes, speakerId: string): Set<string> {
  const speaker = scene.get('conversation', speakerId);
  const readers = new Set<string>([speakerId]);
  if (speaker === undefined || speaker.endedAt !== undefined) return readers;
  const peer = speaker.shape === 'twoParty' ? scene.get('conversation', speaker.peerId ?? '') : undefined;
  if (peer !== undefined && peer.endedAt === undefined) readers.add(peer.id);
  const meetingUri = speaker.shape === 'meeting' ? speaker.meetingUri : peer?.bridge?.meetingUri;
  if (meetingUri === undefined || scene.get('meeting', meetingUri)?.ended !== false) return readers;
  for (const view of scene.all('conversation')) {
    if (view.endedAt !== undefined || view.id === speakerId) continue;
    if (isInChat(view, meetingUri)) readers.add(view.id);
    if (view.bridge?.meetingUri !== meetingUri || view.id === peer?.id) continue;
    if (!wishes.passes(view.id, speaker.local.uri)) continue;
    readers.add(view.id);
    if (view.peerId !== undefined) readers.add(view.peerId);
  }
  return readers;
}

const isInChat = (view: Conversation, meetingUri: string): boolean =>
  view.shape === 'meeting' &&
  view.state === 'Conferenced' &&
  view.meetingUri === meetingUri &&
  view.messaging === 'Connected';

/** Channels on which a text may stand; grows when somebody more is let in on it. */
export class Grants {
  readonly #channels = new Map<string, Set<string>>();

  allow(scene: Scene, text: string, conversationIds: Iterable<string>): void {
    const channels = this.#channels.get(text) ?? new Set<string>();
    this.#channels.set(text, channels);
    for (const id of conversationIds) {
      const conversation = scene.get('conversation', id);
      if (conversation !== undefined) channels.add(channelOf(conversation));
    }
  }

  isAllowed(text: string, channelId: string): boolean {
    return this.#channels.get(text)?.has(channelId) === true;
  }
}
