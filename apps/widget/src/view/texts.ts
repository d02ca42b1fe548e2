/** Every sentence the visitor can read, in one place. */
import type { MessageFailure, Outcome } from '../session/chatState.ts';

export const texts = {
  title: 'Chat with us',
  welcome: 'Tell us what it is about, and we will find somebody to help.',
  name: 'Your name',
  nameMissing: 'Please tell us your name.',
  firstMessage: 'How can we help?',
  firstMessageMissing: 'Please write your message.',
  start: 'Start chat',
  messages: 'Messages',
  composer: 'Message',
  composerHint: 'Write a message…',
  send: 'Send',
  you: 'You',
  helpdesk: 'Helpdesk',
  minimise: 'Hide chat',
  end: 'End chat',
  endQuestion: 'End this chat?',
  endDetail: 'The conversation closes for you and for the helpdesk.',
  endConfirm: 'End chat',
  endCancel: 'Keep chatting',
  ending: 'Ending the chat…',
  starting: 'Connecting you…',
  ringing: 'Waiting for the helpdesk…',
  chatting: 'You are connected',
  over: 'Chat ended',
  form: 'Ask us anything',
  lost: 'We cannot reach the chat right now. What you wrote is kept, and we keep trying.',
  tryNow: 'Try now',
  elsewhere: 'This chat is open in another tab.',
  useHere: 'Use it here',
  gap: 'The connection was renewed. Messages sent in between may be missing here.',
  newChat: 'Start a new chat',
  tryAgain: 'Try again',
} as const;

export const stateTexts = {
  waiting: 'Sending…',
  accepted: 'Sent',
  delivered: 'Delivered',
  failed: 'Not sent',
} as const;

export const failureTexts: Readonly<Record<MessageFailure, string>> = {
  tooLong: 'Not sent: it is too long.',
  notDelivered: 'Not delivered.',
  chatEnded: 'Not sent: the chat is over.',
  refused: 'Not sent: it was refused.',
};

export const outcomeTexts: Readonly<Record<Outcome, string>> = {
  endedByVisitor: 'You ended this chat.',
  endedByHelpdesk: 'The helpdesk ended this chat.',
  declined: 'The helpdesk cannot take your chat right now.',
  unanswered: 'Nobody was free to answer in time. We are sorry.',
  unreachable: 'Nobody is at the helpdesk right now.',
  expired: 'This chat has ended because it was inactive or open for too long.',
  refused: 'Chat is not available on this page.',
  failed: 'The chat could not go on because of a problem on our side.',
};

/** Who is typing, as a sentence; names that are not known are left out. */
export function isTyping(names: readonly string[]): string {
  const known = names.filter((name) => name !== '');
  if (known.length === 1) return `${known[0]} is typing…`;
  return known.length > 1 ? `${known.slice(0, -1).join(', ')} and ${known.at(-1)} are typing…` : 'Typing…';
}
