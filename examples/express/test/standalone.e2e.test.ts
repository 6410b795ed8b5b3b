import { testStandalonePage } from '@otp/example-shared/testing/standalone-suite';
import { eventually, useBrowser } from '@otp/example-shared/testing/visit';
import { describe, expect, test } from 'vitest';
import { program } from './demo.js';

testStandalonePage(program);

describe('the choice to have the first provider down', () => {
  const demo = program.useDemo();
  const browser = useBrowser();

  test('the second one sends the code, the inbox says so, and the code works [S10]', async () => {
    const visit = await browser.open(demo);
    await visit.page.getByLabel('Let the first provider be down').check();
    await visit.requestCode('+12025550160');
    await visit.heading('Enter the code');
    const inbox = await browser.open(demo, { path: '/dev/inbox' });
    const message = inbox.page.getByRole('listitem').first();
    await eventually(() => message.textContent()).toContain('by the second provider');
    await visit.enterCode(await visit.readCode('+12025550160'));
    await visit.heading('Verified');
  });

  test('without it the first one does', async () => {
    const visit = await browser.open(demo);
    await visit.requestCode('ada@example.com');
    await visit.heading('Enter the code');
    const inbox = await browser.open(demo, { path: '/dev/inbox' });
    const message = inbox.page.getByRole('listitem').filter({ hasText: 'ada@example.com' });
    await message.waitFor();
    expect(await message.getByText('by the second provider').isVisible()).toBe(false);
  });
});
