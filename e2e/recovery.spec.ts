/** Nothing is lost or doubled: reloads on both sides, and both programs killed with -9 in mid-chat. */
import { expect, test } from '@playwright/test';
import { type DeskPage, newAgent } from './fixtures/desk.ts';
import { endpoints, killAndAwaitRestart } from './fixtures/stack.ts';
import { newVisitor, type Visitor } from './fixtures/visitor.ts';

async function chatting(visitor: Visitor, agent: DeskPage, name: string): Promise<void> {
  await visitor.start(name, `${name} asks`);
  await agent.accept(name, `${name} asks`);
  await agent.say('one');
  await expect(visitor.chat).toContainText('one');
  await visitor.say('two');
  await expect(agent.conversation).toContainText('two');
}

/** Both screens show the same messages in the same order, each once, and end with these. */
async function expectSame(visitor: Visitor, agent: DeskPage, ending: readonly string[]): Promise<void> {
  await expect.poll(async () => (await visitor.texts()).slice(-ending.length)).toEqual(ending);
  await expect.poll(() => agent.texts()).toEqual(await visitor.texts());
  const texts = await visitor.texts();
  expect(new Set(texts).size).toBe(texts.length);
}

async function end(visitor: Visitor, agent: DeskPage): Promise<void> {
  await agent.page.getByRole('button', { name: 'End chat' }).click();
  await expect(visitor.chat).toContainText('The helpdesk ended this chat.');
  await Promise.all([visitor.close(), agent.close()]);
}

test('a reload of either page brings the chat back', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  await chatting(visitor, agent, 'Rita Reload');

  await visitor.page.reload();
  await expect(visitor.chat).toContainText('two');
  await visitor.say('three');
  await expect(agent.conversation).toContainText('three');
  await agent.say('four');
  await expectSame(visitor, agent, ['one', 'two', 'three', 'four']);

  await agent.page.reload();
  await agent.page.getByRole('button', { name: /Rita Reload/ }).click();
  await expect(agent.conversation).toContainText('four');
  await agent.say('five');
  await expectSame(visitor, agent, ['one', 'two', 'three', 'four', 'five']);
  await end(visitor, agent);
});

test('the platform is killed in mid-chat', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  await chatting(visitor, agent, 'Petra Platform');

  const restarted = killAndAwaitRestart('platform');
  await visitor.say('written while it was away');
  await agent.say('so was this');
  await restarted;
  await expect(agent.conversation).toContainText('written while it was away');
  await expect(visitor.chat).toContainText('so was this');
  await visitor.say('and on');
  await expect(agent.conversation).toContainText('and on');
  await expectSame(visitor, agent, ['and on']);
  await end(visitor, agent);
});

test('the web app is killed in mid-chat', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  await chatting(visitor, agent, 'Wanda Web');

  const restarted = killAndAwaitRestart('web');
  // The service application is not on the path of a message.
  await visitor.say('still here');
  await expect(agent.conversation).toContainText('still here');
  await agent.say('me too');
  await expect(visitor.chat).toContainText('me too');
  await restarted;
  await expectSame(visitor, agent, ['one', 'two', 'still here', 'me too']);

  // The record has caught up: a desk that starts from it shows the same.
  await agent.page.reload();
  await agent.page.getByRole('button', { name: /Wanda Web/ }).click();
  await expectSame(visitor, agent, ['one', 'two', 'still here', 'me too']);
  await end(visitor, agent);
});

test('the web app is killed while the agent is being rung', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  await visitor.start('Kim Killed', 'Kim asks');
  await expect(visitor.chat).toContainText('Kim asks');
  await killAndAwaitRestart('web');
  await agent.accept('Kim Killed', 'Kim asks');
  await agent.say('hello Kim');
  await expectSame(visitor, agent, ['hello Kim']);
  await end(visitor, agent);
});

test('a visitor without network is told so, keeps what was typed, and goes on by itself', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  await chatting(visitor, agent, 'Otto Offline');

  await visitor.context.setOffline(true);
  await visitor.say('typed without network');
  await expect(visitor.chat).toContainText('We cannot reach the chat right now');
  await visitor.context.setOffline(false);
  await expect(agent.conversation).toContainText('typed without network', { timeout: 45_000 });
  await expect(visitor.chat).not.toContainText('We cannot reach the chat right now');
  await expectSame(visitor, agent, ['typed without network']);
  await end(visitor, agent);
});

test('a desk without the platform says so and goes on by itself', async ({ browser }) => {
  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  await chatting(visitor, agent, 'Dennis Desk');

  await agent.context.setOffline(true);
  await agent.say('typed at a desk without network');
  await expect(agent.page.getByRole('alert').first()).toBeVisible({ timeout: 45_000 });
  await agent.context.setOffline(false);
  await expect(visitor.chat).toContainText('typed at a desk without network', { timeout: 45_000 });
  await expectSame(visitor, agent, ['typed at a desk without network']);
  await end(visitor, agent);
});

test('the platform is away before the chat begins', async ({ browser }) => {
  const visitor = await newVisitor(browser);
  const { platformUrl } = endpoints();
  await visitor.page.route(`${platformUrl}/**`, (route) => route.abort('connectionrefused'));
  await visitor.start('Paul Patient', 'Is this thing on?');
  await expect(visitor.chat).toContainText('We cannot reach the chat right now');
  const agent = await newAgent(browser);
  await visitor.page.unroute(`${platformUrl}/**`);
  await agent.accept('Paul Patient', 'Is this thing on?');
  await agent.say('It is');
  await expectSame(visitor, agent, ['It is']);
  await end(visitor, agent);
});
