import { Client, email, phone } from '@otp/example-shared/testing/client';
import { eventually, useBrowser } from '@otp/example-shared/testing/visit';
import { expect, test } from 'vitest';
import { useDemo } from './demo.js';

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
  for (let index = 0; index < 105; index += 1) await client.create(email(`m${index}@example.com`));
  const visit = await browser.open(demo, { path: '/dev/inbox' });
  await eventually(() => visit.page.getByRole('listitem').count()).toBe(100);
  expect(await visit.status.textContent()).toMatch(/^Newest 100 of \d+ messages$/);
  await visit.page.getByLabel('Show only messages to').fill('m3@example.com');
  await eventually(() => visit.page.getByRole('listitem').count()).toBe(1);
});

test('what a message says is text, never markup', async () => {
  const visit = await browser.open(demo, { path: '/dev/inbox' });
  await new Client(demo).create(email("o'neil&{x}`b`@example.com"));
  await eventually(() => visit.page.getByText("o'neil&{x}`b`@example.com").count()).toBe(1);
});
