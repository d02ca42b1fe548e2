/** The story of one chat in the browser: asked, rung, answered, both ways, ended by either side, and on record. */
import { expect, test } from '@playwright/test';
import { newAgent, signIn } from './fixtures/desk.ts';
import { endpoints } from './fixtures/stack.ts';
import { newVisitor } from './fixtures/visitor.ts';

test('a visitor and an agent chat; the agent ends it; the session is on record', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  expect(new URL(visitor.page.url()).origin).not.toBe(new URL(endpoints().webUrl).origin);

  await visitor.start('Vera Visitor', 'Where is my parcel 4711?');
  await agent.accept('Vera Visitor', 'Where is my parcel 4711?');

  // What was written before the agent came is there, and who wrote it.
  await expect(agent.conversation).toContainText('Where is my parcel 4711?');
  await expect(agent.conversation).toContainText('Vera Visitor');
  await agent.say('Good morning, let me look.');
  await expect(visitor.chat).toContainText('Good morning, let me look.');
  await expect(visitor.chat).toContainText('Ann Larsen');
  await expect(visitor.messages.locator('time').last()).toHaveText(/\d{1,2}:\d{2}/);
  await visitor.say('Thank you!\nI can wait.');
  await expect(agent.conversation).toContainText('I can wait.');

  // Typing, both ways.
  await agent.composer.pressSequentially('It is');
  await expect(visitor.chat).toContainText('Ann Larsen is typing');
  await visitor.composer.pressSequentially('Oh,');
  await expect(agent.page.getByText('Vera Visitor is typing…').first()).toBeVisible();
  await agent.composer.press('Enter');
  await expect(visitor.chat).not.toContainText('is typing');
  await expect(visitor.chat).toContainText('It is');

  // One order on both screens, nothing twice.
  const shown = await agent.texts();
  expect(new Set(shown).size).toBe(shown.length);
  expect(await visitor.texts()).toEqual(shown);

  await agent.page.getByRole('button', { name: 'End chat' }).click();
  await expect(visitor.chat).toContainText('The helpdesk ended this chat.');
  await expect(agent.page.getByRole('button', { name: 'Close', exact: true })).toBeVisible();

  const supervisor = await signIn(browser, 'supervisor');
  await supervisor.page.goto(`${endpoints().webUrl}/admin/sessions`);
  const row = supervisor.page.getByRole('row').filter({ hasText: 'Vera Visitor' });
  await expect(row).toContainText('Ann Larsen');
  await row.getByRole('link').first().click();
  for (const entry of [
    'messagingInvitation.started',
    'startAdhocMeeting',
    'acceptAndBridge',
    'conversationBridge.added',
    'addBridgedParticipant',
    'addParticipant',
    'participant.added',
    'terminateConversation',
    'conversation.deleted',
  ]) {
    await expect(supervisor.page.getByText(entry, { exact: false }).first()).toBeVisible();
  }
  await Promise.all([visitor.close(), agent.close(), supervisor.context.close()]);
});

test('the visitor closes the chat and both sides show it', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  await visitor.start('Carl Closer', 'A quick question');
  await agent.accept('Carl Closer', 'A quick question');
  await agent.say('Ask away');
  await expect(visitor.chat).toContainText('Ask away');

  await visitor.chat.getByRole('button', { name: 'End chat' }).click();
  await visitor.chat.getByRole('alertdialog').getByRole('button', { name: 'End chat' }).click();
  await expect(visitor.chat).toContainText('You ended this chat.');
  await expect(agent.page.getByRole('button', { name: 'Close', exact: true })).toBeVisible();
  await Promise.all([visitor.close(), agent.close()]);
});

test('a declined ring goes to the next agent', async ({ browser }) => {
  const [ann, ben] = [await newAgent(browser, 0), await newAgent(browser, 1)];
  const visitor = await newVisitor(browser);
  await visitor.start('Dora Declined', 'Anybody there?');
  const ringAt = (agent: typeof ann) => agent.page.getByRole('region', { name: 'Incoming chats' });
  const first = await Promise.race([
    ringAt(ann)
      .waitFor({ timeout: 30_000 })
      .then(() => ann),
    ringAt(ben)
      .waitFor({ timeout: 30_000 })
      .then(() => ben),
  ]);
  const second = first === ann ? ben : ann;
  await ringAt(first).getByRole('button', { name: 'Decline' }).click();
  await second.accept('Dora Declined', 'Anybody there?');
  await second.say('I am here.');
  await expect(visitor.chat).toContainText('I am here.');
  await second.page.getByRole('button', { name: 'End chat' }).click();
  await expect(visitor.chat).toContainText('The helpdesk ended this chat.');
  await Promise.all([visitor.close(), ann.close(), ben.close()]);
});

test('nobody at the desk: a closed tab does not ring, and the visitor is told', async ({ browser }) => {
  const agent = await newAgent(browser);
  await agent.page.goto('about:blank');
  const visitor = await newVisitor(browser);
  await visitor.start('Nora Nobody', 'Is anybody there?');
  await expect(visitor.chat).toContainText('nobody is free right now');
  await expect(visitor.chat).toContainText('The helpdesk ended this chat.');
  await Promise.all([visitor.close(), agent.context.close()]);
});
