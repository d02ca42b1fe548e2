import type { ChatStatus } from '../../desk/deskView.ts';

/** Each status in a word for the list, and in a sentence for the conversation. */
export const statusTexts: Readonly<
  Record<ChatStatus, { readonly short: string; readonly long: string; readonly color: string }>
> = {
  connecting: { short: 'Connecting…', long: 'Connecting you with the visitor…', color: 'yellow' },
  active: { short: 'Active', long: '', color: 'teal' },
  visitorLeft: { short: 'Visitor left', long: 'The visitor has left the chat.', color: 'gray' },
  endedByAgent: { short: 'Ended', long: 'You ended the chat.', color: 'gray' },
  endedByVisitor: { short: 'Visitor left', long: 'The visitor has left; the chat is over.', color: 'gray' },
  ended: { short: 'Ended', long: 'The chat has ended.', color: 'gray' },
};
