import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendError } from '@otp/core';
import { createTestMessage, type SenderHarness, senderCases } from '@otp/testing';
import { describe, expect, it } from 'vitest';
import { SNS } from '../../test/protocols.js';
import { CREDENTIALS, sendTo } from '../../test/send-to.js';
import { startProvider } from '../../test/start-provider.js';
import { createSnsSender, type SnsSenderOptions } from './sns-sender.js';

function clientOf(endpoint: string): SNSClient {
  return new SNSClient({ region: 'eu-west-1', endpoint, credentials: CREDENTIALS, maxAttempts: 1 });
}

// The SDK warns once if its next release will need a newer Node: before the suite watches for warnings.
clientOf('http://127.0.0.1:1').destroy();

const harness: SenderHarness = {
  channel: 'sms',
  idempotencyKeys: false,
  async createSender({ provider }) {
    const { endpoint, received, close } = await startProvider(SNS, provider);
    return {
      sender: createSnsSender({ client: clientOf(endpoint) }),
      received: () => received,
      close,
    };
  },
};

describe('the sender suite with the client of SNS', () => {
  for (const { name, run } of senderCases) it(name, () => run(harness));
});

describe('createSnsSender', () => {
  it.each(['forgets_connections', 'resets_connections'] as const)(
    'sends over a new connection when SNS %s that the host has left idle [S18]',
    async (provider) => {
      const { endpoint, received, close } = await startProvider(SNS, provider);
      const client = clientOf(endpoint);
      try {
        const command = () => new PublishCommand({ PhoneNumber: '+33600000000', Message: 'hello' });
        await Promise.all([1, 2, 3].map(() => client.send(command())));
        await createSnsSender({ client }).send(createTestMessage({ timeoutMs: 900 }));
        expect(received.map(({ text }) => text)).toEqual([
          ...['hello', 'hello', 'hello'],
          '123456 is your Example code.',
        ]);
      } finally {
        client.destroy();
        await close();
      }
    },
  );

  it('publishes a transactional message with the configured sender id and number, and keeps no connection open [S18]', async () => {
    const { bodies, connections } = await sendTo(
      SNS,
      'accepts',
      (endpoint) =>
        createSnsSender({
          client: clientOf(endpoint),
          senderId: 'Example',
          originationNumber: '+12065550100',
        }),
      createTestMessage({}),
    );
    expect(connections).toEqual(['close']);
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toMatchObject({
      Action: 'Publish',
      PhoneNumber: '+33612345678',
      Message: '123456 is your Example code.',
      'MessageAttributes.entry.1.Name': 'AWS.SNS.SMS.SMSType',
      'MessageAttributes.entry.1.Value.StringValue': 'Transactional',
      'MessageAttributes.entry.2.Name': 'AWS.SNS.SMS.SenderID',
      'MessageAttributes.entry.2.Value.StringValue': 'Example',
      'MessageAttributes.entry.3.Name': 'AWS.MM.SMS.OriginationNumber',
      'MessageAttributes.entry.3.Value.StringValue': '+12065550100',
    });
  });

  it.each([
    [400, 'InvalidParameter', 'rejected'],
    [400, 'OptedOut', 'rejected'],
    [400, 'Throttling', 'unavailable'],
    [429, 'Throttled', 'unavailable'],
    [403, 'AuthorizationError', 'unavailable'],
    [500, 'InternalError', 'unavailable'],
    [504, 'GatewayTimeout', 'unknown'],
  ])('maps %d %s to %s, without the message of SNS', async (status, code, kind) => {
    const create = (endpoint: string) => createSnsSender({ client: clientOf(endpoint) });
    const { error } = await sendTo(SNS, { status, code }, create, createTestMessage({}));
    if (!(error instanceof SendError)) throw new Error('send must reject with a SendError');
    expect(error.kind).toBe(kind);
    expect(String(error.cause)).toContain(String(status));
    expect(`${error.stack}${String(error.cause)}`).not.toContain('33612345678');
  });

  it.each(['cut', 'garbage'] as const)(
    'may have sent the message when the response after 200 is %s [S12]',
    async (body) => {
      const create = (endpoint: string) => createSnsSender({ client: clientOf(endpoint) });
      const { error } = await sendTo(SNS, { status: 200, body }, create, createTestMessage({}));
      expect(error).toMatchObject({ kind: 'unknown' });
    },
  );

  it.each([[400, 'ValidationException']])(
    'maps %d %s to unavailable, not counted for the breaker [S13]',
    async (status, code) => {
      const create = (endpoint: string) => createSnsSender({ client: clientOf(endpoint) });
      const { error } = await sendTo(SNS, { status, code }, create, createTestMessage({}));
      expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: false });
    },
  );

  it.each([
    [400, 'Throttling'],
    [403, 'AuthorizationError'],
    [403, 'InvalidSecurity'],
    [500, 'InternalError'],
  ])('counts %d %s, which no recipient causes, for the breaker [S13]', async (status, code) => {
    const create = (endpoint: string) => createSnsSender({ client: clientOf(endpoint) });
    const { error } = await sendTo(SNS, { status, code }, create, createTestMessage({}));
    expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: true });
  });

  it('is unavailable when SNS cannot be reached, without credentials, and for another channel', async () => {
    const { endpoint, close } = await startProvider(SNS, 'accepts');
    await close();
    const client = clientOf(endpoint);
    const unsigned = new SNSClient({
      region: 'eu-west-1',
      endpoint,
      maxAttempts: 1,
      credentials: async () => {
        throw Object.assign(new Error('none found'), { name: 'CredentialsProviderError' });
      },
    });
    const unavailable = { name: 'SendError', kind: 'unavailable' };
    await expect(createSnsSender({ client }).send(createTestMessage({}))).rejects.toMatchObject(
      unavailable,
    );
    await expect(
      createSnsSender({ client: unsigned }).send(createTestMessage({})),
    ).rejects.toMatchObject(unavailable);
    const whatsapp = createTestMessage({ channel: 'whatsapp' });
    await expect(createSnsSender({ client }).send(whatsapp)).rejects.toMatchObject(unavailable);
  });

  it.each([
    [{ client: {} }, 'client must be'],
    [{ senderId: '12345' }, 'senderId must be'],
    [{ senderId: 'far too long a name' }, 'senderId must be'],
    [{ originationNumber: 'Example' }, 'originationNumber must be'],
    [{ senderID: 'Example' }, 'has no option senderID; it takes client, senderId,'],
  ])('throws a TypeError for the options %j', (change, rule) => {
    const options: unknown = { client: clientOf('http://127.0.0.1:1'), ...change };
    expect(() => createSnsSender(options as SnsSenderOptions)).toThrow(TypeError);
    expect(() => createSnsSender(options as SnsSenderOptions)).toThrow(rule);
  });
});
