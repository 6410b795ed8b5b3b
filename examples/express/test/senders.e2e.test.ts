import { Client, email, outcome, phone } from '@otp/example-shared/testing/client';
import type { Demo } from '@otp/example-shared/testing/demo';
import { startHttpServer } from '@otp/test/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDemo, startDemo } from './demo.js';
import { type StartedMailServer, startMailServer } from './mail-server.js';

const CREATED = '204';

interface Received {
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers as Twilio, SNS and SES do when they take a message. */
async function startProviders() {
  const received: Received[] = [];
  const server = await startHttpServer(({ url: path = '' }, body, response) => {
    const form = Object.fromEntries(new URLSearchParams(body));
    received.push({ path, form, body });
    if (form.Action === 'Publish') {
      response.setHeader('content-type', 'text/xml');
      response.end(
        '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
      );
      return;
    }
    response.setHeader('content-type', 'application/json');
    response.statusCode = path.startsWith('/2010-04-01/') ? 201 : 200;
    response.end(JSON.stringify({ MessageId: '1', sid: `SM${'0'.repeat(32)}` }));
  });
  return { ...server, received };
}

type Providers = Awaited<ReturnType<typeof startProviders>>;

describe('OTP_SMTP_URL', () => {
  let mail: StartedMailServer;
  let demo: Demo;
  beforeAll(async () => {
    mail = await startMailServer();
    demo = await startDemo({ OTP_SMTP_URL: `smtp://127.0.0.1:${mail.port}` });
  });
  afterAll(async () => {
    await demo?.stop();
    await mail?.close();
  });

  test('an e-mail goes out by SMTP, with a code that verifies, and not to the inbox', async () => {
    const client = new Client(demo);
    const headers = { 'accept-language': 'ar' };
    expect(outcome(await client.create(email('somebody@example.com'), headers))).toBe(CREATED);
    const [message] = mail.emails;
    expect(message).toMatchObject({
      from: { address: 'otp-demo@localhost' },
      to: [{ address: 'somebody@example.com' }],
      subject: 'رمز التحقق الخاص بك في OTP Demo',
    });
    const code = /^\d{6}$/m.exec(message?.text ?? '')?.[0] ?? '';
    expect(message?.html).toContain(`>${code}</p>`);
    expect(message?.html).toContain('dir="rtl"');
    expect(await client.inbox()).toEqual([]);
    expect(outcome(await client.check(code))).toBe('200');
  });

  test('an SMS still goes to the inbox', async () => {
    const client = new Client(demo);
    expect(outcome(await client.create(phone('+33612345678')))).toBe(CREATED);
    const [message] = await client.inbox();
    expect(message).toMatchObject({ channel: 'sms', to: '+33612345678' });
    expect(message?.text).toMatch(/\n\n@localhost #\d{6}$/);
    expect(Object.keys(message ?? {})).toEqual(['channel', 'to', 'code', 'text', 'sentAt']);
  });
});

describe('TWILIO_…', () => {
  let twilio: Providers;
  let demo: Demo;
  const sid = (prefix: string) => prefix + '0'.repeat(32);
  beforeAll(async () => {
    twilio = await startProviders();
    demo = await startDemo({
      TWILIO_ACCOUNT_SID: sid('AC'),
      TWILIO_AUTH_TOKEN: 'not-a-real-token',
      TWILIO_FROM: '+12025550100',
      TWILIO_WHATSAPP_FROM: '+12025550101',
      TWILIO_WHATSAPP_TEMPLATE: sid('HX'),
      TWILIO_BASE_URL: twilio.url,
    });
  });
  afterAll(async () => {
    await demo?.stop();
    await twilio?.close();
  });

  test('an SMS goes out by Twilio, and WhatsApp to whoever asks for it', async () => {
    const client = new Client(demo);
    expect(outcome(await client.create(phone('+33612345678')))).toBe(CREATED);
    const whatsapp = { ...phone('+33612345679'), login_config_id: 'whatsapp' };
    expect(outcome(await client.create(whatsapp))).toBe(CREATED);
    const [sms, other] = twilio.received;
    expect(sms?.form).toMatchObject({ To: '+33612345678', From: '+12025550100' });
    expect(sms?.form.Body).toMatch(/^\d{6} is your OTP Demo code\./);
    expect(other?.form).toMatchObject({
      To: 'whatsapp:+33612345679',
      From: 'whatsapp:+12025550101',
      ContentSid: sid('HX'),
    });
    expect(await client.inbox()).toEqual([]);
  });
});

describe('AWS_…', () => {
  let aws: Providers;
  let demo: Demo;
  beforeAll(async () => {
    aws = await startProviders();
    demo = await startDemo({
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.url,
      AWS_SNS: 'on',
      AWS_SES_FROM: 'Demo <no-reply@example.com>',
    });
  });
  afterAll(async () => {
    await demo?.stop();
    await aws?.close();
  });

  test('an SMS goes out by SNS, and an e-mail by SES', async () => {
    const client = new Client(demo);
    expect(outcome(await client.create(phone('+33612345678')))).toBe(CREATED);
    expect(outcome(await client.create(email('somebody@example.com')))).toBe(CREATED);
    const [sms, mail] = aws.received;
    expect(sms?.form).toMatchObject({ Action: 'Publish', PhoneNumber: '+33612345678' });
    expect(mail?.path).toBe('/v2/email/outbound-emails');
    expect(JSON.parse(mail?.body ?? '')).toMatchObject({
      FromEmailAddress: 'Demo <no-reply@example.com>',
      Destination: { ToAddresses: ['somebody@example.com'] },
    });
    expect(await client.inbox()).toEqual([]);
  });
});

describe('two senders for one channel', () => {
  let aws: Providers;
  let demo: Demo;
  beforeAll(async () => {
    aws = await startProviders();
    const gone = await startMailServer();
    await gone.close();
    demo = await startDemo({
      OTP_SMTP_URL: `smtp://127.0.0.1:${gone.port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.url,
      AWS_SES_FROM: 'Demo <no-reply@example.com>',
    });
  });
  afterAll(async () => {
    await demo?.stop();
    await aws?.close();
  });

  test('an e-mail goes out by the second when the first cannot be reached [S10]', async () => {
    const client = new Client(demo);
    expect(outcome(await client.create(email('somebody@example.com')))).toBe(CREATED);
    expect(aws.received).toHaveLength(1);
    const { Content } = JSON.parse(aws.received[0]?.body ?? '');
    const code = /^\d{6}$/m.exec(Content.Simple.Body.Text.Data)?.[0] ?? '';
    expect(outcome(await client.check(code))).toBe('200');
  });
});

test.each([
  [{ OTP_SMTP_URL: 'http://secret-host' }, 'OTP_SMTP_URL must be smtp'],
  [{ OTP_SMTP_URL: 'smtp://' }, 'OTP_SMTP_URL must be smtp'],
  [{ OTP_SMTP_URL: 'smtp://localhost', OTP_SMTP_FROM: 'nobody' }, 'from must hold one address'],
  [{ TWILIO_ACCOUNT_SID: 'AC1' }, 'must say who sends'],
  [{ TWILIO_FROM: '+12025550100' }, 'TWILIO_ACCOUNT_SID must be set too'],
  [
    { TWILIO_FROM: '+12025550100', TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'secret-token' },
    "TWILIO_ACCOUNT_SID, TWILIO_FROM: accountSid must be 'AC' and 32 hexadecimal digits",
  ],
  [
    {
      TWILIO_WHATSAPP_FROM: 'shop',
      TWILIO_WHATSAPP_TEMPLATE: `HX${'0'.repeat(32)}`,
      TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: 'secret-token',
    },
    'TWILIO_ACCOUNT_SID, TWILIO_WHATSAPP_FROM: from must be a number in E.164 form',
  ],
  [{ AWS_SNS: 'on' }, 'AWS_REGION must be set too'],
  [{ AWS_SNS: 'yes' }, 'AWS_SNS must be on'],
])('%j is refused in one line', async (settings, words) => {
  const { status, output } = await runDemo(settings);
  expect(status).toBe(1);
  expect(output).toContain(words);
  expect(output).not.toMatch(/secret-|\n {4}at /);
});
