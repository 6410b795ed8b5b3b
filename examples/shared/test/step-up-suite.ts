import { describe, expect, test } from 'vitest';
import { wrongCode } from './client.js';
import type { DemoProgram } from './demo.js';
import { useBrowser } from './visit.js';

/** The step-up flow, as a person goes through it in a browser. */
export function testStepUpPage({ useDemo }: DemoProgram): void {
  const PHONE = '+12025550123';
  const EMAIL = 'ada@example.com';

  const browser = useBrowser();

  describe('the step-up page', () => {
    const demo = useDemo({ OTP_RETRY_INTERVAL: '0' });

    test.each([
      ['Text message', PHONE, 'text message', ['otp', 'sms']],
      ['E-mail', EMAIL, 'e-mail', ['otp']],
    ] as const)('by %s the code confirms the transfer', async (by, to, words, amr) => {
      const visit = await browser.open(demo, { path: '/step-up' });
      expect(await visit.page.locator('.user').textContent()).toBe('Signed in as Ada Demo');
      await visit.confirmTransfer(by);
      await visit.heading('Enter the code');
      expect(await visit.page.locator('#recipient').textContent()).toBe(to);

      await visit.enterCode(await visit.readCode(to));
      await visit.heading('Transfer confirmed');
      const summary = await visit.page.locator('#summary').textContent();
      expect(summary).toContain(
        `€250.00 is on its way to Grace Example, confirmed by ${words} at `,
      );
      const answer = await visit.shownJson('host-answer');
      expect(answer).toMatchObject({ sub: 'user-ada', scope: 'transfer:create', amr });
      const claims = await visit.shownJson('claims');
      expect(claims).toMatchObject({
        iss: 'urn:otp-demo:demo',
        sid: 'session-of-ada',
        scope_requested: 'transfer:create',
        current_step: 'completed',
        steps: [{ done: true }],
      });
      expect(await visit.context.cookies()).toEqual([]);
    });

    test('wrong codes to the end transfer nothing, and a new challenge works', async () => {
      const visit = await browser.open(demo, { path: '/step-up' });
      await visit.confirmTransfer('E-mail');
      await visit.heading('Enter the code');
      const code = await visit.readCode(EMAIL);
      for (const [index, left] of ['4 tries', '3 tries', '2 tries', '1 try'].entries()) {
        await visit.enterCode(wrongCode(code, index + 1));
        await visit.expectAlert(`That code is not right. ${left} left.`);
      }
      await visit.enterCode(wrongCode(code, 5));
      await visit.heading('Nothing was transferred');
      await visit.expectAlert('That code is not right, and this was the last try. Start again.');

      await visit.button('Start again').click();
      await visit.confirmTransfer('E-mail');
      await visit.heading('Enter the code');
      await visit.enterCode(await visit.readCode(EMAIL));
      await visit.heading('Transfer confirmed');
    });

    test('a retry sends the same code for the same transfer', async () => {
      const visit = await browser.open(demo, { path: '/step-up' });
      await visit.confirmTransfer('Text message');
      await visit.heading('Enter the code');
      await visit.button('Send again').click();
      await visit.page.getByText('Sent again.').waitFor();
      const [second, first] = await visit.sends(PHONE);
      expect(second).toBe(first);
      await visit.enterCode(await visit.readCode(PHONE));
      await visit.heading('Transfer confirmed');
    });

    test('a reload goes on with the same challenge', async () => {
      const visit = await browser.open(demo, { path: '/step-up' });
      await visit.confirmTransfer('E-mail');
      await visit.heading('Enter the code');
      await visit.page.reload();
      await visit.heading('Enter the code');
      expect(await visit.page.locator('#recipient').textContent()).toBe(EMAIL);
      await visit.enterCode(await visit.readCode(EMAIL));
      await visit.heading('Transfer confirmed');
    });

    test('going back to the transfer opens a new challenge', async () => {
      const visit = await browser.open(demo, { path: '/step-up' });
      await visit.confirmTransfer('E-mail');
      await visit.heading('Enter the code');
      const old = await visit.readCode(EMAIL);
      await visit.button('Back to the transfer').click();
      await visit.heading('Confirm this transfer');
      await visit.expectFocus(visit.button('Confirm transfer'));
      await visit.confirmTransfer('Text message');
      await visit.heading('Enter the code');
      const code = await visit.readCode(PHONE);
      if (old !== code) {
        await visit.enterCode(old);
        await visit.expectAlert('That code is not right. 4 tries left.');
      }
      await visit.enterCode(code);
      await visit.heading('Transfer confirmed');
    });
  });

  describe('the step-up page when sending does not work', () => {
    const demo = useDemo({ OTP_BLOCKED: EMAIL, OTP_FAIL: PHONE });

    test('a blocked recipient and a failing sender are told in words, and can be tried again', async () => {
      const visit = await browser.open(demo, { path: '/step-up' });
      await visit.confirmTransfer('E-mail');
      await visit.expectAlert(/^This number or address cannot be used here\.$/);
      await visit.expectFocus(visit.button('Confirm transfer'));
      await visit.confirmTransfer('Text message');
      await visit.expectAlert(/^The message could not be sent\. Try again\.$/);
      await visit.expectFocus(visit.button('Confirm transfer'));
    });
  });
}
