import { expect, test } from 'vitest';
import { Client, email, phone } from './client.js';
import type { DemoProgram } from './demo.js';
import { eventually, useBrowser } from './visit.js';

/** The dev inbox, as a developer sees it in a browser. */
export function testInboxPage({ useDemo }: DemoProgram): void {
  const demo = useDemo({ OTP_LIMITS: 'off' });
  const browser = useBrowser();

  test('messages appear by themselves, newest first, and can be filtered without a URL', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    const { page } = visit;
    const messages = page.getByRole('listitem');
    await page.getByText('No messages yet.').waitFor();
    await eventually(() => visit.status.textContent()).toBe('0 messages');

    const client = new Client(demo);
    await client.create(phone('+12025550123'));
    await eventually(() => messages.count()).toBe(1);
    await client.create(email('ada@example.com'));
    await eventually(() => messages.count()).toBe(2);
    expect(await visit.status.textContent()).toBe('2 messages');

    const code = await visit.readCode('ada@example.com');
    const newest = messages.first();
    expect(await newest.textContent()).toMatch(/E-mail\s+to\s+ada@example\.com/);
    expect(await newest.locator('.text strong').textContent()).toBe(code);
    expect(await newest.locator('time').getAttribute('datetime')).toMatch(/^\d{4}-.*Z$/);
    expect(await messages.nth(1).textContent()).toMatch(/Text message\s+to\s+\+12025550123/);

    const filter = page.getByLabel('Show only messages to');
    await filter.fill('+1 202 555');
    await eventually(() => messages.count()).toBe(1);
    expect(await visit.status.textContent()).toBe('1 message');
    await filter.fill('nobody');
    await page.getByText('No message to this recipient yet.').waitFor();
    await filter.fill('');
    await eventually(() => messages.count()).toBe(2);
  });

  test('a code is copied by its button, which says so', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await new Client(demo).create(email('copy@example.com'));
    const code = await visit.readCode('copy@example.com');
    await visit.button(`Copy code ${code}`).click();
    await visit.page.getByText('Copied', { exact: true }).waitFor();
    expect(await visit.page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  });

  test('a hundred messages are shown, however many there are', async () => {
    const client = new Client(demo);
    for (let index = 0; index < 105; index += 1)
      await client.create(email(`m${index}@example.com`));
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    await eventually(() => visit.page.getByRole('listitem').count()).toBe(100);
    expect(await visit.status.textContent()).toMatch(/^Newest 100 of \d+ messages$/);
    await visit.page.getByLabel('Show only messages to').fill('m3@example.com');
    await eventually(() => visit.page.getByRole('listitem').count()).toBe(1);
  });

  test('an e-mail is shown as HTML, styled, in a frame that runs nothing', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    await new Client(demo).create(email('html@example.com'), { 'accept-language': 'ar' });
    const code = await visit.readCode('html@example.com');
    const item = visit.page.getByRole('listitem').filter({ hasText: 'html@example.com' });
    expect(await item.locator('.subject').textContent()).toContain('OTP Demo');
    expect(await item.locator('iframe').getAttribute('sandbox')).toBe('');
    const shown = item.frameLocator('iframe').getByText(code, { exact: true });
    await shown.waitFor();
    const look = await shown.evaluate((element) => {
      const { fontSize, direction } = getComputedStyle(element);
      return { fontSize, direction, page: getComputedStyle(document.body).direction };
    });
    expect(look).toEqual({ fontSize: '36px', direction: 'ltr', page: 'rtl' });
    expect(await item.locator('.text').isVisible()).toBe(false);
    await item.getByText('Plain text').click();
    expect(await item.locator('.text').isVisible()).toBe(true);
  });

  test('an SMS has its code marked once, and its last line as text', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    await new Client(demo).create(phone('+33612345678'));
    const item = visit.page.getByRole('listitem').filter({ hasText: '+33612345678' });
    await eventually(() => item.locator('strong').count()).toBe(1);
    expect(await item.locator('.text').textContent()).toMatch(/\n\n@localhost #\d{6}$/);
  });

  test('a message by the second provider says so', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    const client = new Client(demo);
    await client.create({ ...email('second@example.com'), dispatch_id: 'demo-fail-over' });
    await client.create(email('first@example.com'));
    const itemTo = (to: string) => visit.page.getByRole('listitem').filter({ hasText: to });
    const words = visit.page.getByText('by the second provider').filter({ visible: true });
    await eventually(() => itemTo('second@example.com').filter({ has: words }).count()).toBe(1);
    await eventually(() => itemTo('first@example.com').count()).toBe(1);
    expect(await itemTo('first@example.com').filter({ has: words }).count()).toBe(0);
  });

  test('what a message says is text, never markup', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    await new Client(demo).create(email("o'neil&{x}~b~@example.com"));
    await eventually(() => visit.page.getByText("o'neil&{x}~b~@example.com").count()).toBe(1);
  });
}
