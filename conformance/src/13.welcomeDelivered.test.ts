/** Step 13: the visitor's event channel delivers the welcome text. */
import { expect, test } from 'vitest';
import { dataText, hasLink, hrefOf, linkOf, wireMs } from './hal.ts';
import { impersonatedName, welcomeText } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('the visitor gets the text unharmed, from the counterpart', async () => {
  const { received, completed } = await story().welcome();
  const { conversationHref } = await story().messagingInvitation();
  expect(received.sender).toEqual({ rel: 'conversation', href: conversationHref });
  expect(received.event.status).toBe('Success');
  expect(received.resource).toMatchObject({ rel: 'message', direction: 'Incoming' });
  const href = hrefOf(received.resource, 'plainMessage');
  expect(href).toMatch(/^data:text\/plain;charset=utf-8,/);
  expect(href).not.toMatch(/%[0-9A-F]?[A-F]|%20| /);
  expect(dataText(href)).toBe(welcomeText);
  expect(linkOf(received.resource, 'participant').title).toBe(impersonatedName);
  expect(hasLink(received.resource, 'messaging')).toBe(true);
  expect(wireMs(received.resource.timeStamp)).toBe(wireMs(completed.resource.timeStamp));
});
