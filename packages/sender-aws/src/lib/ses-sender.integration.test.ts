import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SendError } from '@otp/core';
import { createTestMessage, type SenderHarness, senderCases } from '@otp/testing';
import { describe, expect, it } from 'vitest';
import { SES } from '../../test/protocols.js';
import { CREDENTIALS, sendTo } from '../../test/send-to.js';
import { startProvider } from '../../test/start-provider.js';
import { createSesSender, type SesSenderOptions } from './ses-sender.js';

const FROM = 'Example <no-reply@example.com>';
const EMAIL = createTestMessage({
  channel: 'email',
  to: 'somebody@example.org',
  content: { subject: 'Your code', text: '123456 is your code.', html: '<p>123456</p>' },
});

function clientOf(endpoint: string): SESv2Client {
  return new SESv2Client({
    region: 'eu-west-1',
    endpoint,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
}

// The SDK warns once if its next release will need a newer Node: before the suite watches for warnings.
clientOf('http://127.0.0.1:1').destroy();

const create = (endpoint: string) => createSesSender({ client: clientOf(endpoint), from: FROM });

const harness: SenderHarness = {
  channel: 'email',
  idempotencyKeys: false,
  async createSender({ provider }) {
    const { endpoint, received, close } = await startProvider(SES, provider);
    return { sender: create(endpoint), received: () => received, close };
  },
};

describe('the sender suite with the client of SES', () => {
  for (const { name, run } of senderCases) it(name, () => run(harness));
});

describe('createSesSender', () => {
  it('sends text, HTML and a header that prevents automatic replies, and keeps no connection open [S18]', async () => {
    const { bodies, connections } = await sendTo(
      SES,
      'accepts',
      (endpoint) =>
        createSesSender({
          client: clientOf(endpoint),
          from: FROM,
          replyTo: 'help@example.com',
          configurationSet: 'codes',
        }),
      EMAIL,
    );
    expect(connections).toEqual(['close']);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      FromEmailAddress: FROM,
      ReplyToAddresses: ['help@example.com'],
      Destination: { ToAddresses: ['somebody@example.org'] },
      Content: {
        Simple: {
          Subject: { Data: 'Your code', Charset: 'UTF-8' },
          Body: {
            Text: { Data: '123456 is your code.', Charset: 'UTF-8' },
            Html: { Data: '<p>123456</p>', Charset: 'UTF-8' },
          },
          Headers: [{ Name: 'Auto-Submitted', Value: 'auto-generated' }],
        },
      },
      ConfigurationSetName: 'codes',
    });
  });

  it('encodes names that are not ASCII (RFC 2047)', async () => {
    const options = { from: 'Café <no-reply@example.com>', replyTo: 'Aide é <help@example.com>' };
    const { bodies } = await sendTo(
      SES,
      'accepts',
      (endpoint) => createSesSender({ client: clientOf(endpoint), ...options }),
      EMAIL,
    );
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
      FromEmailAddress: '=?UTF-8?B?Q2Fmw6k=?= <no-reply@example.com>',
      ReplyToAddresses: ['=?UTF-8?B?QWlkZSDDqQ==?= <help@example.com>'],
    });
  });

  it.each([
    [400, 'BadRequestException', 'rejected'],
    [400, 'MessageRejected', 'unavailable'],
    [400, 'MailFromDomainNotVerifiedException', 'unavailable'],
    [400, 'SendingPausedException', 'unavailable'],
    [429, 'TooManyRequestsException', 'unavailable'],
    [500, 'InternalFailure', 'unavailable'],
    [504, 'GatewayTimeout', 'unknown'],
  ])('maps %d %s to %s, without the message of SES', async (status, code, kind) => {
    const { error } = await sendTo(SES, { status, code }, create, EMAIL);
    if (!(error instanceof SendError)) throw new Error('send must reject with a SendError');
    expect(error.kind).toBe(kind);
    expect(String(error.cause)).toContain(String(status));
    expect(`${error.stack}${String(error.cause)}`).not.toContain('somebody@example.org');
  });

  it.each(['cut', 'garbage'] as const)(
    'may have sent the message when the response after 200 is %s [S12]',
    async (body) => {
      const { error } = await sendTo(SES, { status: 200, body }, create, EMAIL);
      expect(error).toMatchObject({ kind: 'unknown' });
    },
  );

  it.each([
    [400, 'MessageRejected'],
    [403, 'AccessDeniedException'],
  ])('maps %d %s to unavailable, not counted for the breaker [S13]', async (status, code) => {
    const { error } = await sendTo(SES, { status, code }, create, EMAIL);
    expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: false });
  });

  it.each([
    [400, 'MailFromDomainNotVerifiedException'],
    [400, 'SendingPausedException'],
    [403, 'AccountSuspendedException'],
    [400, 'LimitExceededException'],
    [404, 'NotFoundException'],
    [429, 'TooManyRequestsException'],
    [500, 'InternalFailure'],
  ])('counts %d %s, which no recipient causes, for the breaker [S13]', async (status, code) => {
    const { error } = await sendTo(SES, { status, code }, create, EMAIL);
    expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: true });
  });

  it('is unavailable when SES cannot be reached, and for another channel', async () => {
    const { endpoint, close } = await startProvider(SES, 'accepts');
    await close();
    const sender = createSesSender({ client: clientOf(endpoint), from: FROM });
    const unavailable = { name: 'SendError', kind: 'unavailable' };
    await expect(sender.send(EMAIL)).rejects.toMatchObject(unavailable);
    await expect(sender.send(createTestMessage({}))).rejects.toMatchObject(unavailable);
  });

  it.each([
    [{ client: {} }, 'client must be'],
    [{ from: 'Example' }, 'from must hold'],
    [{ from: 'Example <a@example.com>\r\nBcc: <b@example.com>' }, 'from must hold'],
    [{ from: 'Example <a@bücher.example>' }, 'from must hold one address in ASCII'],
    [{ replyTo: '' }, 'replyTo must hold'],
    [{ configurationset: 'codes' }, 'has no option configurationset; it takes client, from,'],
  ])('throws a TypeError for the options %j', (change, rule) => {
    const options: unknown = { client: clientOf('http://127.0.0.1:1'), from: FROM, ...change };
    expect(() => createSesSender(options as SesSenderOptions)).toThrow(TypeError);
    expect(() => createSesSender(options as SesSenderOptions)).toThrow(rule);
  });
});
