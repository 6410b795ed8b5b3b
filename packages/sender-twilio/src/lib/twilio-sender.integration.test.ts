import { type OtpMessage, SendError } from '@otp/core';
import {
  createTestMessage,
  createTestService,
  type SenderHarness,
  senderCases,
} from '@otp/testing';
import { describe, expect, it } from 'vitest';
import { type Refusal, type StartedTwilio, startTwilio } from '../../test/start-twilio.js';
import type { TwilioSenderOptions } from './options.js';
import { createTwilioSender } from './twilio-sender.js';

const HEX = '0123456789abcdef0123456789abcdef';
const OPTIONS: TwilioSenderOptions = {
  accountSid: `AC${HEX}`,
  auth: { authToken: 'not-a-real-token' },
  from: '+12065550100',
};
const WHATSAPP_TEMPLATE = { contentSid: `HX${HEX}` };

const smsHarness: SenderHarness = {
  channel: 'sms',
  idempotencyKeys: false,
  async createSender({ provider }) {
    const { baseUrl, received, close } = await startTwilio(provider);
    const sender = createTwilioSender({ ...OPTIONS, baseUrl });
    return { sender, received: () => received, close };
  },
};

/** The template's variable is the whole text, which the suite looks for, instead of the code. */
const whatsappHarness: SenderHarness = {
  channel: 'whatsapp',
  idempotencyKeys: false,
  async createSender({ provider }) {
    const { baseUrl, received, close } = await startTwilio(provider);
    const variables = ({ content }: OtpMessage) => ({ 1: content.text });
    const whatsappTemplate = { ...WHATSAPP_TEMPLATE, variables };
    const sender = createTwilioSender({ ...OPTIONS, baseUrl, whatsappTemplate });
    const toText = (variables: string): string => JSON.parse(variables)[1];
    return {
      sender,
      received: () => received.map(({ to, text }) => ({ to, text: toText(text) })),
      close,
    };
  },
};

describe('the sender suite over HTTP', () => {
  for (const { name, run } of senderCases) it(`SMS: ${name}`, () => run(smsHarness));
  for (const { name, run } of senderCases) it(`WhatsApp: ${name}`, () => run(whatsappHarness));
});

interface Sent {
  readonly requests: StartedTwilio['requests'];
  readonly error: unknown;
}

async function sendTo(
  how: Parameters<typeof startTwilio>[0],
  options: Partial<TwilioSenderOptions> = {},
  message: Partial<OtpMessage> = {},
): Promise<Sent> {
  const { baseUrl, requests, close } = await startTwilio(how);
  try {
    const sender = createTwilioSender({ ...OPTIONS, baseUrl, ...options });
    const error = await sender.send(createTestMessage(message)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { requests, error };
  } finally {
    await close();
  }
}

describe('createTwilioSender', () => {
  it('posts a form to the Messages API, valid as long as the code [S18]', async () => {
    const expiresAt = new Date(Date.now() + 300_500);
    const { requests } = await sendTo('accepts', {}, { expiresAt });
    expect(requests).toEqual([
      {
        path: `/2010-04-01/Accounts/AC${HEX}/Messages.json`,
        authorization: `Basic ${Buffer.from(`AC${HEX}:not-a-real-token`).toString('base64')}`,
        // S18: it cannot die while it is idle.
        connection: 'close',
        form: {
          To: '+33612345678',
          From: '+12065550100',
          Body: '123456 is your Example code.',
          ValidityPeriod: expect.stringMatching(/^(?:300|29\d)$/),
        },
      },
    ]);
  });

  it('sends nothing if the function for the variables of a template is async', async () => {
    const variables = (() => Promise.reject(new Error('no variables'))) as never;
    const whatsappTemplate = { ...WHATSAPP_TEMPLATE, variables };
    const sent = await sendTo('accepts', { whatsappTemplate }, { channel: 'whatsapp' });
    const error = new TypeError('whatsappTemplate.variables must return an object, no promise.');
    expect(sent).toEqual({ requests: [], error });
  });

  it('authenticates with an API key', async () => {
    const auth = { apiKeySid: `SK${HEX}`, apiKeySecret: 'not-a-real-secret' };
    const { requests } = await sendTo('accepts', { auth });
    const expected = Buffer.from(`SK${HEX}:not-a-real-secret`).toString('base64');
    expect(requests[0]?.authorization).toBe(`Basic ${expected}`);
  });

  it('sends through a messaging service', async () => {
    const { requests } = await sendTo('accepts', { from: `MG${HEX}` });
    expect(requests[0]?.form).toMatchObject({ MessagingServiceSid: `MG${HEX}` });
    expect(requests[0]?.form).not.toHaveProperty('From');
  });

  it.each(['72345', 'My-App', 'A&B Co', 'A+B_1', 'MG Motor', 'a'])(
    'sends SMS from the short code or sender id %j',
    async (from) => {
      const { requests } = await sendTo('accepts', { from });
      expect(requests[0]?.form).toMatchObject({ From: from });
      expect(requests[0]?.form).not.toHaveProperty('MessagingServiceSid');
    },
  );

  it('sends WhatsApp through a messaging service', async () => {
    const options = { from: `MG${HEX}`, whatsappTemplate: WHATSAPP_TEMPLATE };
    const { requests } = await sendTo('accepts', options, { channel: 'whatsapp' });
    expect(requests[0]?.form).toMatchObject({
      To: 'whatsapp:+33612345678',
      MessagingServiceSid: `MG${HEX}`,
    });
  });

  it('sends an approved template over WhatsApp, with the code as its variable', async () => {
    const options = { whatsappTemplate: WHATSAPP_TEMPLATE };
    const { requests } = await sendTo('accepts', options, { channel: 'whatsapp' });
    expect(requests[0]?.form).toMatchObject({
      To: 'whatsapp:+33612345678',
      From: 'whatsapp:+12065550100',
      ContentSid: `HX${HEX}`,
      ContentVariables: '{"1":"123456"}',
    });
    expect(requests[0]?.form).not.toHaveProperty('Body');
  });

  it.each(['email', 'whatsapp'] as const)(
    'is unavailable for %s without a way to send it',
    async (channel) => {
      const { requests, error } = await sendTo('accepts', {}, { channel });
      expect(error).toMatchObject({
        name: 'SendError',
        kind: 'unavailable',
        countsForBreaker: false,
      });
      expect(requests).toEqual([]);
    },
  );

  it.each<[Refusal, string]>([
    [{ status: 400, code: 21211 }, 'rejected'],
    [{ status: 400, code: 21610 }, 'rejected'],
    [{ status: 400, code: 21614 }, 'rejected'],
    [{ status: 400, code: 21635 }, 'rejected'],
    [{ status: 400, code: 63024 }, 'rejected'],
    [{ status: 400, code: 21408 }, 'unavailable'],
    [{ status: 401, code: 20003 }, 'unavailable'],
    [{ status: 429, code: 20429 }, 'unavailable'],
    [{ status: 500 }, 'unavailable'],
    [{ status: 502 }, 'unavailable'],
    [{ status: 504 }, 'unknown'],
  ])('maps %j to %s, without the message of Twilio', async (refusal, kind) => {
    const { error } = await sendTo(refusal);
    if (!(error instanceof SendError)) throw new Error('send must reject with a SendError');
    expect(error.kind).toBe(kind);
    expect(String(error.cause)).toContain(`HTTP ${refusal.status}`);
    expect(`${error.stack}${String(error.cause)}`).not.toContain('33612345678');
  });

  it.each([21266, 21268, 63014, 63031])(
    'maps error %d, which one recipient can cause, to rejected [S13]',
    async (code) => {
      const { error } = await sendTo({ status: 400, code });
      expect(error).toMatchObject({ kind: 'rejected' });
    },
  );

  it.each([21408, 21606, 21608, 21612, 21657, 21659, 21662, 63015, 63032, 572002, 572005])(
    'maps error %d to unavailable, not counted for the breaker [S13]',
    async (code) => {
      const { error } = await sendTo({ status: 400, code });
      expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: false });
    },
  );

  it.each([
    { status: 401, code: 20003 },
    { status: 429, code: 20429 },
    { status: 400, code: 21212 },
    { status: 400, code: 21660 },
    { status: 500 },
  ])('counts %j, which no recipient causes, for the breaker [S13]', async (refusal) => {
    const { error } = await sendTo(refusal);
    expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: true });
  });

  it('follows no redirect', async () => {
    const { requests, error } = await sendTo({ status: 307, code: 1 });
    expect(error).toMatchObject({ kind: 'unavailable' });
    expect(requests).toHaveLength(1);
  });

  it('is unavailable when Twilio cannot be reached', async () => {
    const { baseUrl, close } = await startTwilio('accepts');
    await close();
    const send = createTwilioSender({ ...OPTIONS, baseUrl }).send(createTestMessage());
    await expect(send).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('does not wait for a response that never ends', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024).fill(0x20)),
    });
    const { error } = await sendTo('accepts', {
      fetch: async () => new Response(body, { status: 400 }),
    });
    expect(error).toMatchObject({ kind: 'unavailable' });
  });

  it.each([
    [400, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unknown'],
  ])('uses the status %d when the rest of the response stalls [S12]', async (status, kind) => {
    const begun = performance.now();
    const { error } = await sendTo({ status, stalls: true });
    expect(error).toMatchObject({ kind });
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  it.each([
    [{ status: 400, code: 21408 }, 'Twilio: HTTP 400, error 21408'],
    [{ status: 400, code: 572002 }, 'Twilio: HTTP 400, error 572,002'],
    [{ status: 503 }, 'Twilio: HTTP 503'],
    // Twilio has no error of that many digits: it may be a number.
    [{ status: 400, code: 33612345678 }, 'Twilio: HTTP 400'],
    [{ status: 400, code: 1.5 }, 'Twilio: HTTP 400'],
  ])(
    'shows the reason and not the recipient in events after %j [P01]',
    async (refusal, message) => {
      const { baseUrl, close } = await startTwilio(refusal);
      try {
        const sender = createTwilioSender({ ...OPTIONS, baseUrl });
        const channels = { sms: { sender, countries: ['FR'] } } as const;
        const { service, events } = createTestService({ channels });
        const identifier = { type: 'phone_number', value: '+33612345678' };
        await service.handle({
          method: 'POST',
          path: '/',
          header: (name) => (name === 'content-type' ? ['application/json'] : []),
          body: JSON.stringify({ identifier }),
        });
        expect(events).toContainEqual(
          expect.objectContaining({
            type: 'send_failed',
            error: expect.objectContaining({ cause: expect.objectContaining({ message }) }),
          }),
        );
        expect(JSON.stringify(events)).not.toContain('612345678');
      } finally {
        await close();
      }
    },
  );

  it.each([
    [{ accountSid: 'AC1' }, 'accountSid must be'],
    [{ auth: {} }, 'auth must be'],
    [{ auth: { apiKeySid: `SK${HEX}` } }, 'auth must be'],
    [{ auth: { authToken: 'a', apiKeySid: `SK${HEX}`, apiKeySecret: 'b' } }, 'auth must be'],
    [{ from: '0612345678' }, 'from must be'],
    [{ from: '' }, 'from must be'],
    [{ from: '12' }, 'from must be'],
    [{ from: '12345-6' }, 'from must be'],
    [{ from: 'Example-Shop' }, 'from must be'],
    [{ from: 'Café' }, 'from must be'],
    [{ from: 'Shop\n' }, 'from must be'],
    [{ from: 'whatsapp:+12065550100' }, "from must be a number in E.164 form without 'whatsapp:'"],
    [{ from: `MG${HEX}0` }, 'from must be'],
    [{ from: 'Shop', whatsappTemplate: WHATSAPP_TEMPLATE }, 'from must be a number'],
    [{ from: '72345', whatsappTemplate: WHATSAPP_TEMPLATE }, 'from must be a number'],
    [{ whatsappTemplate: { contentSid: 'HX' } }, 'whatsappTemplate.contentSid must be'],
    [{ baseUrl: 'http://api.example.com' }, 'baseUrl must be'],
    [{ fetch: 1 }, 'fetch must be'],
    [{ whatsApp: WHATSAPP_TEMPLATE }, 'has no option whatsApp; it takes accountSid, auth,'],
  ])('throws a TypeError for the options %j', (change, rule) => {
    const options: unknown = { ...OPTIONS, ...change };
    expect(() => createTwilioSender(options as TwilioSenderOptions)).toThrow(TypeError);
    expect(() => createTwilioSender(options as TwilioSenderOptions)).toThrow(rule);
  });
});
