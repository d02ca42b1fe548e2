/**
 * Messages are most of what is rendered, and two messages between the same people differ in number, time stamp and text only. So the
 * ordinary rendering of one is kept with these three cut out, and filled in for the next as long as everything else that it was
 * made of is still the very same.
 */
import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { ChannelEvent } from '../model/channel.ts';
import type { Conversation, Message } from '../model/documents.ts';
import { meetingOf } from '../model/participants.ts';
import { serviceClientKey } from '../model/registration.ts';
import type { Look } from '../model/world.ts';
import { TwoGenerations } from '../twoGenerations.ts';

/** Entries of a generation; one has about two kilobytes. */
const kept = 4_096;
const stand = {
  number: 700_314_159_265_358,
  timeStamp: 700_271_828_182_845,
  text: 'TheTextOfTheMessageStandsHere',
} as const;
const numberGap = String(stand.number);
const gaps = new RegExp(`(${Object.values(stand).join('|')})`);

interface RenderedMessage {
  readonly channelId: string;
  readonly event: ChannelEvent;
}

interface Template {
  readonly madeOf: readonly unknown[];
  /** Text, number, text, … as the gaps come. */
  readonly parts: readonly string[];
  readonly rendered: RenderedMessage;
}

const templates = new TwoGenerations<Template>(kept);

/**
 * @param render the ordinary rendering of a message
 * @returns the same as `render(message)`
 */
export function renderMessage(
  look: Look,
  conversation: Conversation,
  message: Message,
  render: (message: Message) => RenderedMessage,
): RenderedMessage {
  // These are rare, and not in the template.
  if (message.operationId !== undefined || message.missedBy !== undefined) return render(message);
  const key = `${conversation.id} ${message.direction} ${message.contentType} ${message.sender?.id ?? ''}`;
  const madeOf = ingredients(look, conversation, message);
  let template = templates.get(key);
  if (template === undefined || !isSame(template.madeOf, madeOf)) {
    template = templateOf(madeOf, render({ ...message, ...stand }));
    if (template === undefined) return render(message);
    templates.set(key, template);
  }
  return {
    channelId: template.rendered.channelId,
    event: { ...template.rendered.event, text: fill(template.parts, message) },
  };
}

/** Everything that a rendering may look at; documents and their members are never changed in place. */
function ingredients(look: Look, conversation: Conversation, { sender }: Message): readonly unknown[] {
  const { owner, local, shape, state, messaging, roster, invitationIds } = conversation;
  const meeting = meetingOf(look, conversation);
  const endpoint = owner.face === 'service' ? look.get('endpoint', owner.endpointUri) : undefined;
  return [
    owner.face === 'service'
      ? endpoint && look.get('serviceClient', serviceClientKey(endpoint.tenantId, endpoint.clientId))
      : look.get('ucwaApplication', owner.applicationId)?.audience,
    endpoint,
    local,
    shape,
    state,
    messaging,
    roster,
    meeting?.members,
    meeting?.rules,
    look.get('invitation', invitationIds[0] ?? ''),
    sender?.uri,
    sender?.name,
  ];
}

function isSame(before: readonly unknown[], now: readonly unknown[]): boolean {
  for (let index = 0; index < now.length; index += 1) if (before[index] !== now[index]) return false;
  return true;
}

/** @returns undefined when somebody's name looks like a gap */
function templateOf(madeOf: readonly unknown[], rendered: RenderedMessage): Template | undefined {
  const parts = rendered.event.text.split(gaps);
  const count = (gap: string | number): number => parts.filter((part) => part === String(gap)).length;
  const isSound = count(stand.number) === 2 && count(stand.timeStamp) === 1 && count(stand.text) <= 1;
  return isSound ? { madeOf, parts, rendered } : undefined;
}

function fill(parts: readonly string[], { number, timeStamp, contentType, text }: Message): string {
  let filled = '';
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    if (index % 2 === 0) filled += part;
    else if (part === stand.text) filled += payloadOf(contentType, text);
    else filled += part === numberGap ? number : timeStamp;
  }
  return filled;
}

let last = { text: '', payload: '' };

/** Every view of a message has the same text, one after another. */
function payloadOf(contentType: string, text: string): string {
  if (last.text !== text) last = { text, payload: toDataUri(contentType, text).slice(`data:${contentType},`.length) };
  return last.payload;
}
