import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Client, phone, wrongCode } from './client.js';
import type { DemoProgram } from './demo.js';
import { eventually, useBrowser } from './visit.js';

interface Labelled {
  labels: string[];
}

/** The standalone flow, as a person goes through it in a browser. */
export function testStandalonePage({ useDemo }: DemoProgram): void {
  const browser = useBrowser();

  describe('the standalone page', () => {
    const demo = useDemo();

    test('a phone number is proven with the code from the inbox', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('+1 (202) 555-0140');
      await visit.heading('Enter the code');
      expect(await visit.page.getByText('We sent a 6-digit code to').textContent()).toContain(
        '+12025550140',
      );
      const opened = visit.context.waitForEvent('page');
      await visit.page.getByRole('link', { name: /^Inbox/ }).click();
      const inbox = await opened;
      const code = await inbox.getByRole('listitem').first().locator('strong').textContent();
      expect(code).toBe(await visit.readCode('+12025550140'));
      await inbox.close();

      await visit.enterCode(code ?? '');
      await visit.heading('Verified');
      await visit.expectFocus(visit.page.getByRole('heading', { name: 'Verified' }));
      const words = await visit.page.locator('#summary').textContent();
      expect(words).toMatch(/^\+12025550140 was proven by text message at \d/);
      const answer = await visit.shownJson('host-answer');
      expect(answer).toMatchObject({ ...phone('+12025550140'), amr: ['otp', 'sms'] });
      const claims = await visit.shownJson('claims');
      expect(claims).toMatchObject({ current_step: 'completed', grant_mode: 'session-start' });
      expect(await visit.context.cookies()).toEqual([]);
    });

    test('an e-mail address is proven, and the form starts again empty-handed', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode(' Ada.Lovelace@Example.com ');
      await visit.heading('Enter the code');
      const [cookie] = await visit.context.cookies();
      expect(cookie).toMatchObject({
        name: '__verification-login_demo',
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
      });

      await visit.enterCode(await visit.readCode('ada.lovelace@example.com'));
      await visit.heading('Verified');
      const words = await visit.page.locator('#summary').textContent();
      expect(words).toMatch(/^ada\.lovelace@example\.com was proven by e-mail at \d/);
      expect((await visit.shownJson('host-answer')).amr).toEqual(['otp']);

      await visit.button('Start again').click();
      await visit.heading('Where should the code go?');
      await visit.expectFocus(visit.identifier);
      expect(await visit.page.locator('#claims').textContent()).toBe('');
    });

    test('what is no number and no address is asked for again without a request', async () => {
      const visit = await browser.open(demo);
      const answers: readonly [string, RegExp][] = [
        ['', /^Enter a mobile number with its country code/],
        ['2025550123', /^Start the number with \+ and its country code/],
        ['+12', /^This is not a complete phone number/],
        ['ada@', /^This e-mail address is not complete/],
      ];
      for (const [text, words] of answers) {
        await visit.requestCode(text);
        await visit.expectAlert(words);
        expect(await visit.identifier.getAttribute('aria-invalid')).toBe('true');
        await visit.expectFocus(visit.identifier);
      }
      await visit.identifier.fill('+3361234');
      expect(await visit.alert.textContent()).toBe('');
      await visit.button('Send the code').click();
      await visit.expectAlert(/^No code can be sent there\./);
    });

    test('a second code too soon is refused in words that say when to try again', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('+12025550141');
      await visit.heading('Enter the code');
      expect(await visit.button(/^Send again in \d+ s$/).isDisabled()).toBe(true);
      await visit.button('Use another number or address').click();
      await visit.requestCode('+12025550141');
      await visit.expectAlert(/^Too many codes were asked for\. Try again in \d+ seconds?\.$/);
      expect(await visit.sends('+12025550141')).toHaveLength(1);
    });

    test('a lost cookie ends the verification with a word about the browser', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('+12025550142');
      await visit.heading('Enter the code');
      await visit.context.clearCookies();
      await visit.enterCode(await visit.readCode('+12025550142'));
      await visit.heading('Not verified');
      await visit.expectAlert(/^This code has expired or was already used\. Start again\.$/);
      expect(await visit.page.getByText('This browser may not keep the cookie').isVisible()).toBe(
        true,
      );
    });

    test('a reload goes on with the same verification', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('+33612345670');
      await visit.heading('Enter the code');
      const code = await visit.readCode('+33612345670');
      await visit.enterCode(wrongCode(code));
      await visit.expectAlert('That code is not right. 4 tries left.');

      await visit.page.reload();
      await visit.heading('Enter the code');
      await visit.expectFocus(visit.code);
      expect(await visit.page.locator('#recipient').textContent()).toBe('+33 ••• •• 70');
      expect(await visit.status.textContent()).toBe(
        'The code has already been sent. 4 tries left.',
      );
      expect(await visit.button(/^Send again in \d+ s$/).isDisabled()).toBe(true);
      await visit.enterCode(code);
      await visit.heading('Verified');
      expect(await visit.sends('+33612345670')).toHaveLength(1);
    });

    test('a reload starts afresh when the verification is over', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('over@example.com');
      await visit.heading('Enter the code');
      await visit.context.clearCookies();
      const asked = visit.page.waitForResponse(/\/status$/);
      await visit.page.reload();
      expect((await asked).status()).toBe(401);
      await visit.requestCode('new@example.com');
      await visit.heading('Enter the code');
      await visit.enterCode(await visit.readCode('new@example.com'));
      await visit.heading('Verified');
    });

    test('a status that is lost leaves the verification for another reload', async () => {
      const visit = await browser.open(demo);
      visit.expectOnConsole(/ERR_FAILED/);
      await visit.requestCode('lost@example.com');
      await visit.heading('Enter the code');
      await visit.page.route(/\/status$/, (route) => route.abort());
      await visit.page.reload();
      await visit.expectAlert(/^The server could not be reached\. .* reload the page\.$/);
      await visit.page.unroute(/\/status$/);
      await visit.page.reload();
      await visit.heading('Enter the code');
      await visit.enterCode(await visit.readCode('lost@example.com'));
      await visit.heading('Verified');
    });

    test('the step-up page leaves a standalone verification alone', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('page@example.com');
      await visit.heading('Enter the code');
      await visit.page.goto(`${demo.url}/step-up`);
      await visit.heading('Confirm this transfer');
      await visit.page.goto(demo.url);
      await visit.heading('Enter the code');
      await visit.enterCode(await visit.readCode('page@example.com'));
      await visit.heading('Verified');
    });

    test('while the server cannot be reached nothing is lost', async () => {
      const visit = await browser.open(demo);
      visit.expectOnConsole(/ERR_INTERNET_DISCONNECTED/);
      await visit.context.setOffline(true);
      await visit.requestCode('+12025550143');
      await visit.expectAlert(/^The server could not be reached\./);
      await visit.context.setOffline(false);
      await visit.button('Send the code').click();
      await visit.heading('Enter the code');

      const code = await visit.readCode('+12025550143');
      await visit.context.setOffline(true);
      await visit.enterCode(code);
      await visit.expectAlert(/^The server could not be reached\./);
      await visit.context.setOffline(false);
      await visit.button('Verify').click();
      await visit.heading('Verified');
    });
  });

  describe('the standalone page with a short retry interval', () => {
    // Both know the address of the client then: Express from the socket, Next from the header that it sets itself.
    const demo = useDemo({ OTP_RETRY_INTERVAL: '1', OTP_TRUST_PROXY: '1' });

    test('a retry waits for its countdown, sends the same code, and that code verifies', async () => {
      const visit = await browser.open(demo);
      await visit.page.evaluate(() => {
        const retry = document.getElementById('retry');
        const labels: string[] = [];
        Object.assign(window, { labels });
        new MutationObserver(() => {
          const label = retry?.textContent ?? '';
          if (label !== labels.at(-1)) labels.push(label);
        }).observe(document.body, { childList: true, characterData: true, subtree: true });
      });
      await visit.requestCode('+12025550144');
      await visit.heading('Enter the code');
      const again = visit.button('Send again');
      await eventually(() => again.textContent()).toBe('Send again');
      expect(await again.isEnabled()).toBe(true);
      await again.click();
      await eventually(() => visit.status.textContent()).toMatch(
        /^Sent again\. It is the same code/,
      );
      await visit.expectFocus(visit.code);
      await eventually(() => again.textContent()).toBe('Send again');

      const labels = await visit.page.evaluate(() => (window as unknown as Labelled).labels);
      const first = labels.indexOf('Send again in 1 s');
      expect(labels.slice(first, first + 4)).toEqual([
        'Send again in 1 s',
        'Send again',
        'Sending…',
        expect.stringMatching(/^Send again/),
      ]);
      const last = labels.slice(labels.indexOf('Sending…') + 1);
      const seconds = last.flatMap((label) => /in (\d+) s$/.exec(label)?.[1] ?? []).map(Number);
      expect(seconds[0]).toBe(2);
      expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));

      const codes = await visit.sends('+12025550144');
      expect(codes).toHaveLength(2);
      expect(codes[0]).toBe(codes[1]);
      await visit.enterCode(await visit.readCode('+12025550144'));
      await visit.heading('Verified');
    });

    test('wrong codes are counted down in words until the person has to start again', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('grace@example.com');
      await visit.heading('Enter the code');
      const code = await visit.readCode('grace@example.com');

      for (const [index, left] of ['4 tries', '3 tries', '2 tries', '1 try'].entries()) {
        await visit.enterCode(wrongCode(code, index + 1));
        await visit.expectAlert(`That code is not right. ${left} left.`);
        await visit.expectFocus(visit.code);
      }
      await visit.enterCode(wrongCode(code, 4));
      await visit.button('Verify').click();
      await visit.expectAlert(/^This code was already tried\.$/);

      await visit.enterCode(wrongCode(code, 5));
      await visit.heading('Not verified');
      await visit.expectAlert('That code is not right, and this was the last try. Start again.');

      // Somebody else, for whom the retry interval is not running.
      await visit.button('Start again').click();
      await visit.requestCode('hedy@example.com');
      await visit.heading('Enter the code');
      await visit.enterCode(await visit.readCode('hedy@example.com'));
      await visit.heading('Verified');
    });

    test('the fourth code within an hour from one network is refused in words that say when to try again', async () => {
      const visit = await browser.open(demo);
      const client = new Client(demo);
      const to = '+12025550145';
      // Not earlier than it may: the demo has a guard, so a refused create counts for the client address.
      for (const waitMs of [0, 1_100, 2_100]) {
        await setTimeout(waitMs);
        expect((await client.create(phone(to))).status).toBe(204);
      }
      await visit.requestCode(to);
      await visit.expectAlert(/^Too many codes were asked for\. Try again in about \d+ minutes\.$/);
    });
  });

  describe('the standalone page with OTP_TRANSPORT=header', () => {
    const demo = useDemo({ OTP_TRANSPORT: 'header', OTP_RETRY_INTERVAL: '0' });

    test('passes without a cookie, also after a retry and a reload [K08]', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('ada@example.com');
      await visit.heading('Enter the code');
      expect(await visit.context.cookies()).toEqual([]);
      await visit.button('Send again').click();
      await eventually(() => visit.status.textContent()).toMatch(/^Sent again\./);
      await visit.page.reload();
      await visit.heading('Enter the code');
      expect(await visit.page.locator('#recipient').textContent()).toBe('a•••@e•••.com');
      await visit.enterCode(await visit.readCode('ada@example.com'));
      await visit.heading('Verified');
    });
  });

  describe('the standalone page when sending does not work', () => {
    const demo = useDemo({
      OTP_BLOCKED: '+33612345678',
      OTP_FAIL: 'down@example.com,+12025550146:retry',
      OTP_RETRY_INTERVAL: '1',
    });

    test('a blocked recipient is told that it cannot be used', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('+33 6 12 34 56 78');
      await visit.expectAlert(/^This number or address cannot be used here\.$/);
      await visit.expectFocus(visit.identifier);
      await visit.requestCode('+33 6 12 34 56 79');
      await visit.heading('Enter the code');
    });

    test('a failing sender leaves the person at the form, to try again', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('down@example.com');
      await visit.expectAlert(/^The message could not be sent\. Try again\.$/);
      await visit.expectFocus(visit.button('Send the code'));
      expect(await visit.context.cookies()).toEqual([]);
    });

    test('a retry that fails says so, and the first code still works', async () => {
      const visit = await browser.open(demo);
      await visit.requestCode('+12025550146');
      await visit.heading('Enter the code');
      await visit.button('Send again').click();
      await visit.expectAlert(/^The message could not be sent\. .* already arrived still works\.$/);
      expect(await visit.sends('+12025550146')).toHaveLength(1);
      await visit.enterCode(await visit.readCode('+12025550146'));
      await visit.heading('Verified');
    });
  });
}
