/** The desk's only way from one state to the next; pure, so that any loss, repetition or delay can be tried. */
import { eventsOf } from '@repo/ucwa-client/eventBatch';
import { links } from '@repo/ucwa-client/resource';
import { type DeskAction, type RecordedSession, readVisitorPage } from './deskAction.ts';
import type { Chat, DeskState, Outgoing } from './deskState.ts';
import {
  applyConversation,
  applyInvitation,
  applyMessage,
  applyMessaging,
  applyOnlineMeeting,
  clearOutbox,
  endChat,
  endRinging,
  join,
  reduceEvent,
} from './reduceEvent.ts';
import { addSaid, newestIn, readRecorded } from './transcript.ts';

/** The state after an action; the same object when nothing came of it. */
export function reduceDesk(state: DeskState, action: DeskAction): DeskState {
  switch (action.type) {
    case 'signedIn':
      return { ...state, self: { sipUri: action.sipUri, name: action.name } };
    case 'batch':
      return eventsOf(action.batch).reduce((so, received) => reduceEvent(so, received, action.now), state);
    case 'conversationRead': {
      const href = links(action.conversation, 'self')[0]?.href;
      return href === undefined ? state : applyConversation(state, href, action.conversation, action.now);
    }
    case 'messagingRead':
      return onChat(state, action.conversationHref, (chat) => applyMessaging(chat, action.messaging));
    case 'onlineMeetingRead':
      return onChat(state, action.conversationHref, (chat) => applyOnlineMeeting(chat, action.onlineMeeting));
    case 'participantRead':
      return onChat(state, action.conversationHref, (chat) => join(chat, action.participant));
    case 'messageRead':
      if (!state.chats[action.conversationHref]) return state;
      return applyMessage(state, action.conversationHref, action.message, 0);
    case 'invitationRead':
      return applyInvitation(state, action.href, action.invitation, action.now);
    case 'invitationGone':
      return endRinging(state, action.href);
    case 'conversationGone':
      return state.chats[action.href] ? endChat(state, action.href, undefined, 0) : state;
    case 'chatsRead':
      return giveUpUnsent(state);
    case 'unsentSeen':
      return { ...state, unsent: [] };
    case 'history':
      return applyHistory(state, action.onlineMeetingUri, action.session);
    case 'answering':
      return onRinging(state, action.href, 'accepting');
    case 'answerFailed':
      return onRinging(state, action.href, 'ringing');
    case 'typed':
      if (state.outbox.some(({ operationId }) => operationId === action.message.operationId)) return state;
      return { ...state, outbox: [...state.outbox, action.message] };
    case 'accepted':
      return clearOutbox(
        onOutgoing(state, action.operationId, ({ failure: _, ...message }) => ({
          ...message,
          status: 'accepted',
          ...(action.messageHref === undefined ? {} : { messageHref: action.messageHref }),
        })),
      );
    case 'sendFailed':
      return onOutgoing(state, action.operationId, (message) => ({
        ...message,
        status: 'failed',
        failure: action.failure,
      }));
    case 'retried':
      return onOutgoing(state, action.operationId, ({ failure: _, ...message }) => ({ ...message, status: 'waiting' }));
    case 'discarded':
      return { ...state, outbox: state.outbox.filter(({ operationId }) => operationId !== action.operationId) };
    case 'looked':
      return onChat(state, action.conversationHref, (chat) => ({ ...chat, readThrough: newestIn(chat) }));
    case 'endRequested':
      return onChat(state, action.conversationHref, (chat) => ({ ...chat, endRequested: action.requested }));
    case 'putAway': {
      const { [action.conversationHref]: chat, ...chats } = state.chats;
      if (chat?.stage !== 'ended') return state;
      // What could not be sent was shown there as such.
      const outbox = state.outbox.filter(({ conversationHref }) => conversationHref !== action.conversationHref);
      return { ...state, chats, outbox };
    }
    case 'platform':
      return state.platform === action.reach ? state : { ...state, platform: action.reach };
    case 'web':
      return state.web === action.reach ? state : { ...state, web: action.reach };
    case 'availability':
      return { ...state, availability: action.availability };
    case 'notice':
      return { ...state, notice: action.text };
  }
}

function onChat(state: DeskState, href: string, change: (chat: Chat) => Chat): DeskState {
  const chat = state.chats[href];
  return chat ? { ...state, chats: { ...state.chats, [href]: change(chat) } } : state;
}

/**
 * A message of a chat that is not there after a reload cannot be sent any more. It is handed to the agent, unless the
 * platform has it: then the record shows it.
 */
function giveUpUnsent(state: DeskState): DeskState {
  const lost = state.outbox.filter(({ conversationHref }) => !state.chats[conversationHref]);
  if (lost.length === 0) return state;
  return {
    ...state,
    outbox: state.outbox.filter((message) => !lost.includes(message)),
    unsent: [...state.unsent, ...lost.filter(({ status }) => status !== 'accepted')],
  };
}

function onRinging(state: DeskState, href: string, to: 'accepting' | 'ringing'): DeskState {
  const ringing = state.ringing[href];
  if (!ringing || ringing.state === 'over') return state;
  return { ...state, ringing: { ...state.ringing, [href]: { ...ringing, state: to } } };
}

function onOutgoing(state: DeskState, operationId: string, change: (message: Outgoing) => Outgoing): DeskState {
  return {
    ...state,
    outbox: state.outbox.map((message) => (message.operationId === operationId ? change(message) : message)),
  };
}

/** The record fills in what this browser has not heard itself: who it is, and everything said before it came. */
function applyHistory(state: DeskState, onlineMeetingUri: string, session: RecordedSession): DeskState {
  const entry = Object.values(state.chats).find((chat) => chat.onlineMeetingUri === onlineMeetingUri);
  if (!entry) return state;
  const { self } = state;
  return onChat(state, entry.href, (chat) => {
    const named: Chat = {
      ...chat,
      sessionId: session.id,
      visitorName: session.visitorName,
      subject: session.subject ?? chat.subject,
      page: readVisitorPage(session.page) ?? chat.page,
    };
    return session.messages.reduce((so, message) => addSaid(so, 'recorded', readRecorded(message, self)), named);
  });
}
