/** The widget on a customer's page: another origin, a strict policy, nothing before the visitor's first action. */
import { expect, test } from '@playwright/test';
import { newAgent } from './fixtures/desk.ts';
import { endpoints } from './fixtures/stack.ts';
import { newVisitor } from './fixtures/visitor.ts';

test('a whole chat under the strict policy, without a violation', async ({ browser }) => {
  const answer = await fetch(endpoints().customerSiteUrl);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toContain('unsafe');

  const agent = await newAgent(browser);
  const visitor = await newVisitor(browser);
  const complaints: string[] = [];
  visitor.page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  visitor.page.on('pageerror', (error) => complaints.push(error.message));
  await visitor.page.reload();
  await visitor.start('Sally Strict', 'Does it work here?');
  await agent.accept('Sally Strict', 'Does it work here?');
  await agent.say('It does: <b>text stays text</b> https://contoso.com/help');
  await expect(visitor.chat).toContainText('<b>text stays text</b>');
  await expect(visitor.chat.getByRole('link', { name: 'https://contoso.com/help' })).toHaveAttribute('rel', /noopener/);
  await visitor.chat.getByRole('button', { name: 'End chat' }).click();
  await visitor.chat.getByRole('alertdialog').getByRole('button', { name: 'End chat' }).click();
  await expect(visitor.chat).toContainText('You ended this chat.');
  expect(complaints).toEqual([]);
  await Promise.all([visitor.close(), agent.close()]);
});

test('nothing is stored, and only the loader is fetched, before the first action', async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(endpoints().customerSiteUrl)) foreign.push(request.url());
  });
  await page.goto(endpoints().customerSiteUrl, { waitUntil: 'networkidle' });
  await expect(page.locator('[data-bridgedesk]')).toBeAttached();
  expect(foreign).toEqual([`${endpoints().webUrl}/widget/v1.js`]);
  const stored = await page.evaluate(() => sessionStorage.length + localStorage.length + document.cookie.length);
  expect(stored).toBe(0);
  await context.close();
});

test('the shadow root is closed, and there is no frame', async ({ page }) => {
  await page.goto(endpoints().customerSiteUrl);
  const host = page.locator('[data-bridgedesk]');
  await expect(host).toBeAttached();
  expect(await host.evaluate((element) => element.shadowRoot)).toBeNull();
  expect(page.frames()).toHaveLength(1);
});

test('a page that is not among the allowed origins gets no token', async () => {
  const ask = (origin: string) =>
    fetch(endpoints().tokenUrl, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ helpdesk: 'contoso' }),
    });
  const refused = await ask('https://elsewhere.example');
  expect(refused.status).toBe(403);
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  expect((await refused.json()).code).toBe('Forbidden');
  const granted = await ask(endpoints().customerSiteUrl);
  expect(granted.status).toBe(200);
  expect(granted.headers.get('access-control-allow-origin')).toBe(endpoints().customerSiteUrl);
});
