import { Client, email, phone } from '@otp/example-shared/testing/client';
import { eventually, useBrowser } from '@otp/example-shared/testing/visit';
import { describe, expect, test } from 'vitest';
import { useDemo } from './demo.js';

describe('the inbox', () => {
  const demo = useDemo({ OTP_LIMITS: 'off' });
  const browser = useBrowser();

  test('shows an e-mail as HTML, styled, in a frame that runs nothing', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    const client = new Client(demo);
    await client.create(email('html@example.com'), { 'accept-language': 'ar' });
    const code = await visit.readCode('html@example.com');
    const item = visit.page.getByRole('listitem').first();
    expect(await item.locator('.subject').textContent()).toContain('OTP Demo');
    expect(await item.locator('iframe').getAttribute('sandbox')).toBe('');
    const mail = item.frameLocator('iframe');
    const shown = mail.getByText(code, { exact: true });
    await shown.waitFor();
    const look = await shown.evaluate((element) => {
      const { fontSize, direction } = getComputedStyle(element);
      return { fontSize, direction, page: getComputedStyle(document.body).direction };
    });
    expect(look).toEqual({ fontSize: '36px', direction: 'ltr', page: 'rtl' });
  });

  test('shows an SMS with the code marked once, and its last line as text', async () => {
    const visit = await browser.open(demo, { path: '/dev/inbox' });
    await new Client(demo).create(phone('+33612345678'));
    const text = visit.page.getByRole('listitem').filter({ hasText: '+33612345678' });
    await eventually(() => text.locator('strong').count()).toBe(1);
    expect(await text.locator('.text').textContent()).toMatch(/\n\n@localhost #\d{6}$/);
  });
});

describe('OTP_COUNTRIES', () => {
  const demo = useDemo({ OTP_COUNTRIES: 'US,GB' });
  const browser = useBrowser();

  test('the page says which numbers are served, and names one that is refused', async () => {
    const visit = await browser.open(demo);
    const hint = visit.page.locator('#countries');
    await eventually(() => hint.textContent()).toBe(
      'Numbers are served in United States and United Kingdom. Try +33 6 12 34 56 78 (France) to see one refused.',
    );
    const [, number = ''] = /Try (.+) \(/.exec((await hint.textContent()) ?? '') ?? [];
    await visit.page.getByLabel('Mobile number or e-mail address').fill(number);
    await visit.button('Send the code').click();
    await eventually(() => visit.page.getByRole('alert').textContent()).not.toBe('');
  });
});
