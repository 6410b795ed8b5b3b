import { createTestMessage } from '@otp/testing';
import { describe, expect, it } from 'vitest';
import { createSmtpSender, type SmtpTransport } from '../src/index.js';
import { NODEMAILERS, type TransportOptions } from './nodemailers.js';
import { type Script, type Stage, startScriptedServer } from './start-scripted-server.js';
import { startSmtpServer } from './start-smtp-server.js';

const MESSAGE = createTestMessage({
  channel: 'email',
  to: 'somebody@example.org',
  content: { subject: 'Your code', text: '123456 is your code.' },
});

const closes: Script = (socket) => socket.end();
const resets: Script = (socket) => socket.resetAndDestroy();
const says =
  (text: string): Script =>
  (socket) => {
    socket.write(text);
  };
const thenResets =
  (text: string): Script =>
  (socket) => {
    socket.write(text);
    // Until the client is in its handshake.
    setTimeout(() => socket.resetAndDestroy(), 20);
  };
const thenCloses =
  (text: string): Script =>
  (socket) => {
    socket.write(text);
    setTimeout(() => socket.end(), 20);
  };

const STARTTLS_REPLY = '220 go ahead\r\n';

type Setting = Pick<TransportOptions, 'pool' | 'ignoreTLS' | 'secure' | 'socketTimeout'>;

function failureOf(transport: SmtpTransport): Promise<unknown> {
  const sender = createSmtpSender({ transport, from: 'no-reply@example.com' });
  return sender.send(MESSAGE).then(
    () => 'accepted',
    (thrown: unknown) => thrown,
  );
}

interface Outcome {
  readonly error: unknown;
  /** Complete messages that the server received. */
  readonly messages: number;
}

const PLAIN = { ignoreTLS: true };
const ENDLESS = says(`250 ok ${'x'.repeat(2_000_000)}`);

describe.each(NODEMAILERS)('a connection of %s that fails', (name, create) => {
  // Older ones wait for the end of a line for as long as it goes on.
  const isLatest = name === 'nodemailer 10';
  const transportTo = (port: number, setting: Setting = {}) =>
    create({ host: '127.0.0.1', port, ...setting });

  async function failAt(stage: Stage, script: Script, setting: Setting): Promise<Outcome> {
    const server = await startScriptedServer(stage, script);
    try {
      const error = await failureOf(transportTo(server.port, setting));
      return { error, messages: server.messages() };
    } finally {
      await server.close();
    }
  }

  it.each<[string, Stage, Script, Setting]>([
    ['closes before it greets', 'greeting', closes, PLAIN],
    ['resets before it greets', 'greeting', resets, PLAIN],
    ['closes after EHLO', 'EHLO', closes, PLAIN],
    ['closes after MAIL', 'MAIL', closes, PLAIN],
    ['resets after MAIL', 'MAIL', resets, PLAIN],
    ['closes after RCPT', 'RCPT', closes, PLAIN],
    ['resets after RCPT', 'RCPT', resets, PLAIN],
    ['closes after RCPT, in a pool,', 'RCPT', closes, { ...PLAIN, pool: true }],
    ...(isLatest ? [['answers RCPT with megabytes', 'RCPT', ENDLESS, PLAIN] as const] : []),
    ['closes instead of asking for the message', 'DATA', closes, PLAIN],
    ['is silent for too long after RCPT', 'RCPT', () => {}, { ...PLAIN, socketTimeout: 200 }],
    ['closes in the handshake', 'STARTTLS', thenCloses(STARTTLS_REPLY), {}],
    ['resets in the handshake', 'STARTTLS', thenResets(STARTTLS_REPLY), {}],
    ['speaks no TLS on its port', 'greeting', says('220 hello\r\n'), { secure: true }],
  ])('has sent nothing if the server %s [S12]', async (_title, stage, script, setting) => {
    const { error, messages } = await failAt(stage, script, setting);
    expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: true });
    expect(messages).toBe(0);
  });

  it('has sent nothing if the certificate is not trusted [S12]', async () => {
    const server = await startSmtpServer('accepts');
    try {
      const error = await failureOf(transportTo(server.port));
      expect(error).toMatchObject({ kind: 'unavailable', countsForBreaker: true });
      expect(String((error as Error).cause)).toContain(
        isLatest ? 'DEPTH_ZERO_SELF_SIGNED_CERT' : 'ESOCKET',
      );
      expect(server.received).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it.each<[string, Script, Setting]>([
    ['closes', closes, PLAIN],
    ['resets', resets, PLAIN],
    ['closes, in a pool,', closes, { ...PLAIN, pool: true }],
    ['is silent for too long', () => {}, { ...PLAIN, socketTimeout: 200 }],
    ['sends a line that is no reply', says('OK\r\n'), PLAIN],
    ['asks for the message again', says('354 go ahead\r\n'), PLAIN],
    ...(isLatest ? [['answers with megabytes', ENDLESS, PLAIN] as const] : []),
    ['begins a reply and closes', thenCloses('25'), PLAIN],
  ])(
    'may have sent the message if the server %s after it [S12]',
    async (_title, script, setting) => {
      const { error, messages } = await failAt('dot', script, setting);
      expect(error).toMatchObject({ kind: 'unknown' });
      expect(messages).toBe(1);
    },
  );

  it('may have sent the message if the server closes in the middle of it [S12]', async () => {
    const script: Script = (socket) => {
      // The server reads nothing of the message.
      socket.removeAllListeners('data');
      thenCloses('354 go ahead\r\n')(socket);
    };
    const { error } = await failAt('DATA', script, PLAIN);
    expect(error).toMatchObject({ kind: 'unknown' });
  });

  it('is noticed for each of two senders of one transport, whose other mails are sent as before [S12]', async () => {
    const server = await startScriptedServer('RCPT', closes);
    // No client asks for STARTTLS.
    const other = await startScriptedServer('STARTTLS', closes);
    try {
      const failing = transportTo(server.port, PLAIN);
      const errors = await Promise.all([failureOf(failing), failureOf(failing)]);
      const unavailable = expect.objectContaining({ kind: 'unavailable' });
      expect(errors).toEqual([unavailable, unavailable]);

      const transport = transportTo(other.port, PLAIN);
      await failureOf(transport);
      await transport.sendMail({ from: 'shop@example.com', to: 'b@example.org', text: 'Hello' });
      expect(other.messages()).toBe(2);
    } finally {
      await server.close();
      await other.close();
    }
  });
});
