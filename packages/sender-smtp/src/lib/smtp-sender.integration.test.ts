import { type OtpMessage, SendError } from '@otp/core';
import { CERTIFICATE } from '@otp/test/certificate';
import {
  createTestMessage,
  createTestService,
  type SenderHarness,
  senderCases,
} from '@otp/testing';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { type CreateTransport, NODEMAILERS } from '../../test/nodemailers.js';
import {
  CREDENTIALS,
  type StartedSmtpServer,
  startSmtpServer,
} from '../../test/start-smtp-server.js';
import type { SmtpSenderOptions } from './options.js';
import { createSmtpSender } from './smtp-sender.js';

const FROM = 'Example <no-reply@example.com>';

function optionsFor(port: number, auth = CREDENTIALS) {
  return { host: '127.0.0.1', port, requireTLS: true, auth, tls: { ca: CERTIFICATE } };
}

const transportTo = (port: number, auth = CREDENTIALS) => createTransport(optionsFor(port, auth));

function createHarness(create: CreateTransport, pool: boolean): SenderHarness {
  return {
    channel: 'email',
    idempotencyKeys: false,
    async createSender({ provider }) {
      const server = await startSmtpServer(provider);
      const transport = create({ ...optionsFor(server.port), pool });
      const sender = createSmtpSender({ transport, from: FROM });
      return {
        sender,
        received: () => server.received,
        async close() {
          transport.close();
          await server.close();
        },
      };
    },
  };
}

describe.each(NODEMAILERS)('the sender suite with %s and a real SMTP server', (_, create) => {
  for (const { name, run } of senderCases) {
    it(name, () => run(createHarness(create, false)));
    it(`with a pool: ${name}`, () => run(createHarness(create, true)));
  }
});

const EMAIL: Partial<OtpMessage> = {
  channel: 'email',
  to: 'somebody@example.org',
  content: { subject: 'Your code', text: '123456 is your code.', html: '<p>123456</p>' },
};

const createMessage = (changes: Partial<OtpMessage> = {}) =>
  createTestMessage({ ...EMAIL, ...changes });

async function withServer<T>(
  use: (server: StartedSmtpServer) => Promise<T>,
  ...how: Parameters<typeof startSmtpServer>
): Promise<T> {
  const server = await startSmtpServer(...how);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

async function failureOf(send: Promise<unknown>): Promise<SendError> {
  const error = await send.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SendError)) throw new Error('send must reject with a SendError');
  return error;
}

/** The error of a send that the server refuses with that reply. */
function failureAt(
  behaviour: 'rejects_recipient' | 'rejects_data',
  refusal: string,
): Promise<SendError> {
  return withServer(
    ({ port }) => {
      const sender = createSmtpSender({ transport: transportTo(port), from: FROM });
      return failureOf(sender.send(createMessage()));
    },
    behaviour,
    refusal,
  );
}

describe('createSmtpSender', () => {
  it('uses STARTTLS, AUTH and one transaction with one recipient', async () => {
    const transcript = await withServer(async ({ port, transcript }) => {
      await createSmtpSender({ transport: transportTo(port), from: FROM }).send(createMessage());
      return transcript;
    }, 'accepts');
    const verbs = transcript.map((line) => line.split(/[ :]/)[0]);
    expect(verbs.filter((verb) => verb !== 'EHLO' && verb !== 'QUIT')).toEqual([
      'STARTTLS',
      'AUTH',
      'MAIL',
      'RCPT',
      'DATA',
    ]);
    expect(transcript).toContain('RCPT TO:<somebody@example.org>');
    expect(transcript).toContain('MAIL FROM:<no-reply@example.com>');
  });

  it('sends text and HTML, and a header that prevents automatic replies', async () => {
    const [email] = await withServer(async ({ port, emails }) => {
      const options = { transport: transportTo(port), from: FROM, replyTo: 'help@example.com' };
      await createSmtpSender(options).send(createMessage());
      return emails;
    }, 'accepts');
    expect(email).toMatchObject({
      subject: 'Your code',
      from: { name: 'Example', address: 'no-reply@example.com' },
      to: [{ address: 'somebody@example.org' }],
      replyTo: [{ address: 'help@example.com' }],
      text: '123456 is your code.\n',
      html: '<p>123456</p>\n',
    });
    expect(email?.headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
    );
  });

  it.each([
    ['Café à la Crème <no-reply@example.com>', 'Café à la Crème'],
    [
      '日本語の名前がとても長い会社とそのすべての子会社 😀😀😀 <no-reply@example.com>',
      '日本語の名前がとても長い会社とそのすべての子会社 😀😀😀',
    ],
    ['Acme, Inc. (Europe) <no-reply@example.com>', 'Acme, Inc. (Europe)'],
    ['"Say \\"hi\\"; a@b.example" <no-reply@example.com>', 'Say "hi"; a@b.example'],
  ])('shows the name of %j', async (from, name) => {
    const { emails, transcript } = await withServer(async (server) => {
      const options = { transport: transportTo(server.port), from, replyTo: from };
      await createSmtpSender(options).send(createMessage());
      return server;
    }, 'accepts');
    const expected = { name, address: 'no-reply@example.com' };
    expect(emails[0]).toMatchObject({ from: expected, replyTo: [expected] });
    expect(transcript).toContain('MAIL FROM:<no-reply@example.com>');
  });

  it('uses the same Message-ID for a repeat of one send, and another for the next send', async () => {
    const ids = await withServer(async ({ port, emails }) => {
      const sender = createSmtpSender({ transport: transportTo(port), from: FROM });
      for (const idempotencyKey of ['v.1', 'v.1', 'v.2']) {
        await sender.send(createMessage({ idempotencyKey }));
      }
      return emails.map(({ messageId }) => messageId);
    }, 'accepts');
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids[0]).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
  });

  it.each([
    'somebody@example.org\r\nRCPT TO:<second@example.org>',
    'somebody@example.org\nBcc: second@example.org',
    '"x@evil.example somebody"@example.org',
    'somebody@example.org,second@example.org',
  ])(
    'adds no recipient and no header for %j (CVE-2021-23400, CVE-2025-14874) [I03]',
    async (to) => {
      const { transcript, emails } = await withServer(async (server) => {
        const sender = createSmtpSender({ transport: transportTo(server.port), from: FROM });
        await sender.send(createMessage({ to })).catch(() => {});
        return server;
      }, 'accepts');
      expect(transcript.filter((line) => /^RCPT/i.test(line)).length).toBeLessThanOrEqual(1);
      expect(transcript.join('\n')).not.toContain('<second@example.org>');
      expect(transcript.join('\n')).not.toContain('<x@evil.example');
      for (const { bcc, cc } of emails) expect([bcc, cc]).toEqual([undefined, undefined]);
    },
  );

  it.each([
    ['550 5.1.1 No such mailbox', 'rejected'],
    ['550 No such mailbox', 'rejected'],
    ['553 Mailbox name not allowed', 'rejected'],
    ['550 5.2.1 Mailbox disabled', 'rejected'],
    ['550 5.7.1 Relaying denied', 'unavailable'],
    ['550 5.7.26 Unauthenticated sender', 'unavailable'],
    ['552 5.2.2 Mailbox full', 'unavailable'],
    ['450 4.2.1 Receiving too fast', 'unavailable'],
    ['421 4.3.2 Shutting down', 'unavailable'],
  ] as const)('maps %j in reply to RCPT TO to %s', async (refusal, kind) => {
    const error = await failureAt('rejects_recipient', refusal);
    expect(error.kind).toBe(kind);
    expect(String(error.cause)).toContain(refusal.slice(0, 3));
    // S13: a refusal of the recipient does not suggest that the server is down.
    expect(error.countsForBreaker).toBe(refusal.startsWith('421'));
  });

  it.each([
    ['550 5.1.1 No such user', 'rejected', false],
    ['554 5.1.6 Mailbox has moved', 'rejected', false],
    ['550 5.2.1 Mailbox disabled', 'rejected', false],
    ['552 5.2.2 Mailbox full', 'unavailable', false],
    ['554 5.7.1 Message refused', 'unavailable', false],
    // After DATA these can also be about the message.
    ['550 No such user', 'unavailable', false],
    ['554 Transaction failed', 'unavailable', false],
    ['450 4.2.1 Receiving too fast', 'unavailable', false],
    ['451 4.1.2 Domain does not resolve', 'unavailable', false],
    ['451 4.1.8 Domain of the sender does not resolve', 'unavailable', true],
    ['451 Local error', 'unavailable', true],
    ['452 4.3.1 No space left', 'unavailable', true],
    ['451 4.3.0 Try again later', 'unavailable', true],
    ['421 4.3.2 Shutting down', 'unavailable', true],
  ] as const)('maps %j after the message to %s', async (refusal, kind, countsForBreaker) => {
    const error = await failureAt('rejects_data', refusal);
    expect(error.kind).toBe(kind);
    expect(String(error.cause)).toContain(refusal.slice(0, 3));
    // S13: a relay that asks the next server first refuses some recipients only here.
    expect(error.countsForBreaker).toBe(countsForBreaker);
  });

  it('is unavailable when the credentials are wrong', async () => {
    const error = await withServer(({ port }) => {
      const transport = transportTo(port, { ...CREDENTIALS, pass: 'wrong' });
      return failureOf(createSmtpSender({ transport, from: FROM }).send(createMessage()));
    }, 'accepts');
    expect(error.kind).toBe('unavailable');
    expect(String(error.cause)).toContain('EAUTH');
  });

  it('is unavailable when the server cannot be reached', async () => {
    const port = await withServer(async (server) => server.port, 'accepts');
    const transport = transportTo(port);
    const error = await failureOf(
      createSmtpSender({ transport, from: FROM }).send(createMessage()),
    );
    expect(error.kind).toBe('unavailable');
  });

  it('is unavailable for a channel that is not e-mail, which does not count for the breaker [S13]', async () => {
    const { received, error } = await withServer(async ({ port, received }) => {
      const sender = createSmtpSender({ transport: transportTo(port), from: FROM });
      return { received, error: await failureOf(sender.send(createMessage({ channel: 'sms' }))) };
    }, 'accepts');
    expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: false });
    expect(received).toEqual([]);
  });

  it.each([
    [{ transport: {} }, 'transport must be a transport'],
    [{ transport: { sendMail: async () => {} } }, 'transport must be a transport'],
    [{ from: undefined }, 'from must hold one address'],
    [{ from: 'Example' }, 'from must hold one address'],
    [{ from: 'a@example.com, b@example.com' }, 'from must hold one address'],
    [
      { from: 'Example <no-reply@example.com>\r\nBcc: x@example.com' },
      'from must hold one address',
    ],
    [{ replyTo: 'nobody' }, 'replyTo must hold one address'],
    [{ replyto: FROM }, 'has no option replyto; it takes transport, from, replyTo'],
  ])('throws a TypeError for the options %j', (change, rule) => {
    const options: unknown = { transport: transportTo(1), from: FROM, ...change };
    expect(() => createSmtpSender(options as SmtpSenderOptions)).toThrow(TypeError);
    expect(() => createSmtpSender(options as SmtpSenderOptions)).toThrow(rule);
  });

  it.each([
    ['550 5.1.1 No such mailbox', 'SMTP: EENVELOPE at RCPT TO, reply 550, status 5.1.1'],
    ['550 5.7.606 Access denied', 'SMTP: EENVELOPE at RCPT TO, reply 550, status 5.7.606'],
    ['450 Later', 'SMTP: EENVELOPE at RCPT TO, reply 450'],
  ])(
    'shows the reason and not the recipient in events after %j [P01]',
    async (refusal, message) => {
      const events = await withServer(
        async ({ port }) => {
          const sender = createSmtpSender({ transport: transportTo(port), from: FROM });
          const { service, events } = createTestService({ channels: { email: { sender } } });
          const identifier = { type: 'email_address', value: 'somebody@example.org' };
          await service.handle({
            method: 'POST',
            path: '/',
            header: (name) => (name === 'content-type' ? ['application/json'] : []),
            body: JSON.stringify({ identifier }),
          });
          return events;
        },
        'rejects_recipient',
        `${refusal} for somebody@example.org`,
      );
      expect(events).toContainEqual(
        expect.objectContaining({
          type: 'send_failed',
          error: expect.objectContaining({ cause: expect.objectContaining({ message }) }),
        }),
      );
      expect(JSON.stringify(events)).not.toContain('somebody');
    },
  );
});
