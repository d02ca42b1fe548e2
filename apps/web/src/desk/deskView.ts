/** What the page shows of the state; questions only, no state of its own. */
import type { Chat, DeskState, Ringing } from './deskState.ts';
import { isVisitorUri } from './wireMessage.ts';

/** Typing that was not heard of again for this long is over, in milliseconds (the platform's own limit is 10 s). */
const typingShownMs = 12_000;

/**
 * Who rings now, the longest waiting first. While the platform is heard, only its word ends the ringing: it may be set
 * to ring longer than usual. Unheard, an invitation is taken to be over at the usual time.
 */
export function ringingNow(state: DeskState, now: number): Ringing[] {
  const isHeard = state.platform === 'online';
  return Object.values(state.ringing)
    .filter((call) => call.state !== 'over' && (isHeard || call.deadline > now || call.state === 'accepting'))
    .sort((one, other) => one.deadline - other.deadline);
}

/** The chats of the list: those that this agent is or was in, newest first, what is over last. */
export function chatsOf(state: DeskState): Chat[] {
  const rank = (chat: Chat): number => (chat.stage === 'ended' ? 1 : 0);
  return Object.values(state.chats)
    .filter((chat) => chat.conversation !== undefined && wasJoined(chat))
    .sort((one, other) => rank(one) - rank(other) || other.openedAt - one.openedAt);
}

/** An invitation that was never accepted leaves an ended conversation behind that is no chat. */
function wasJoined(chat: Chat): boolean {
  if (chat.stage === 'incoming') return false;
  return chat.stage !== 'ended' || Object.keys(chat.messages).length > 0 || Object.keys(chat.participants).length > 0;
}

function hasVisitorLeft(chat: Chat): boolean {
  return Object.values(chat.participants).some(({ uri, here }) => isVisitorUri(uri) && !here);
}

export function isVisitorTyping(chat: Chat, now: number): boolean {
  return Object.entries(chat.typing).some(([href, since]) => {
    const uri = chat.participants[href]?.uri;
    return now - since < typingShownMs && (uri === undefined || isVisitorUri(uri));
  });
}

/** Everybody else in the chat, for instance a supervisor. */
export function staffIn(chat: Chat): string[] {
  return Object.values(chat.participants)
    .filter(({ uri, here }) => here && !isVisitorUri(uri))
    .map(({ name, uri }) => name || uri || 'Somebody');
}

export type ChatStatus = 'connecting' | 'active' | 'visitorLeft' | 'endedByAgent' | 'endedByVisitor' | 'ended';

/** Where the chat stands and, when it is over, who ended it. */
export function statusOf(chat: Chat): ChatStatus {
  if (chat.stage !== 'ended') {
    if (chat.endRequested) return 'endedByAgent';
    if (hasVisitorLeft(chat)) return 'visitorLeft';
    return chat.stage === 'active' && chat.messaging?.state === 'Connected' ? 'active' : 'connecting';
  }
  if (chat.endRequested) return 'endedByAgent';
  return hasVisitorLeft(chat) ? 'endedByVisitor' : 'ended';
}
