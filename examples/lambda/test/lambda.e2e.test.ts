import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, email, phone } from '@otp/example-shared/testing/client';
import { useBrowser } from '@otp/example-shared/testing/visit';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { program } from './demo.js';

const EMAIL = 'ada@example.com';
const PHONE = '+12025550123';

const browser = useBrowser();

describe.each(['http-api', 'rest-api'])('the function behind %s', (gateway) => {
  const demo = program.useDemo({ OTP_GATEWAY: gateway, OTP_RETRY_INTERVAL: '0' });

  test('a phone number is proven on the page', async () => {
    const visit = await browser.open(demo);
    await visit.requestCode('+1 (202) 555-0140');
    await visit.heading('Enter the code');
    const [cookie] = await visit.context.cookies();
    expect(cookie).toMatchObject({
      name: '__verification-login_demo',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
    });
    await visit.enterCode(await visit.readCode('+12025550140'));
    await visit.heading('Verified');
    const answer = await visit.shownJson('host-answer');
    expect(answer).toMatchObject({ ...phone('+12025550140'), amr: ['otp', 'sms'] });
    expect(await visit.context.cookies()).toEqual([]);
  });

  test.each([
    ['Text message', PHONE, ['otp', 'sms']],
    ['E-mail', EMAIL, ['otp']],
  ] as const)('a transfer is confirmed by %s after a retry', async (by, to, amr) => {
    const visit = await browser.open(demo, { path: '/step-up' });
    await visit.confirmTransfer(by);
    await visit.heading('Enter the code');
    await visit.button('Send again').click();
    await visit.page.getByText('Sent again.').waitFor();
    const [second, first] = await visit.sends(to);
    expect(second).toBe(first);
    await visit.enterCode(await visit.readCode(to));
    await visit.heading('Transfer confirmed');
    const answer = await visit.shownJson('host-answer');
    expect(answer).toMatchObject({ sub: 'user-ada', scope: 'transfer:create', amr });
  });
});

describe('the settings of the runner', () => {
  const demo = program.useDemo({
    OTP_BLOCKED: EMAIL,
    OTP_FAIL: PHONE,
    OTP_GATEWAY: 'function-url',
    // Another path than that of the routes.
    OTP_PUBLIC_URL: 'https://id.example.com/auth/otp',
  });

  test('reach the function: a blocked recipient, and one for whom sending fails', async () => {
    const client = new Client(demo);
    expect((await client.create(email(EMAIL))).status).toBe(403);
    expect((await client.create(phone(PHONE))).status).toBe(500);
    expect(await client.inbox()).toEqual([]);
  });

  test.each([
    [{ OTP_GATEWAY: 'iot' }, /^OTP_GATEWAY must be one of rest-api, http-api, /m],
    [{ OTP_ON_BLOCK: 'silent' }, /OTP_ON_BLOCK must be forbidden/],
    [{ OTP_APP_ID: 'a b' }, /OTP_APP_ID: appId/],
  ])('%j is refused at the start', async (settings, words) => {
    const { status, output } = await program.runDemo(settings);
    expect(status).toBe(1);
    expect(output).toMatch(words);
  });
});

test('the template deploys what the build makes, within the time that clients wait', () => {
  const path = fileURLToPath(new URL('../template.yaml', import.meta.url));
  // The short forms of CloudFormation's functions are tags of its own.
  const tags = ['Ref', 'Sub', 'GetAtt', 'If', 'Equals', 'Not'].flatMap((name) => [
    { tag: `!${name}`, resolve: (text: string) => text },
    { tag: `!${name}`, collection: 'seq' as const },
  ]);
  const { Resources } = parse(readFileSync(path, 'utf8'), { customTags: tags });
  const { CodeUri, Handler, Timeout } = Resources.OtpFunction.Properties;
  expect([CodeUri, Handler, Timeout]).toEqual(['dist/function/', 'index.handler', 15]);
});
