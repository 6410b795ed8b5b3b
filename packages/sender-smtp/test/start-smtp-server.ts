import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { format } from 'node:util';
import { CERTIFICATE, PRIVATE_KEY } from '@otp/test/certificate';
import type { ProviderBehaviour, ReceivedMessage } from '@otp/testing';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export const CREDENTIALS = { user: 'mailer', pass: 'not-a-real-password' };

export interface StartedSmtpServer {
  readonly port: number;
  readonly received: ReceivedMessage[];
  readonly emails: Email[];
  /** The commands of the client, line by line. */
  readonly transcript: string[];
  close(): Promise<void>;
}

/** A real SMTP server with STARTTLS and AUTH, and the behaviour that a test needs. */
export async function startSmtpServer(
  provider: ProviderBehaviour | 'rejects_data',
  refusal = '550 5.1.1 No such mailbox',
): Promise<StartedSmtpServer> {
  const received: ReceivedMessage[] = [];
  const emails: Email[] = [];
  const transcript: string[] = [];
  const server = new SMTPServer({
    cert: CERTIFICATE,
    key: PRIVATE_KEY,
    logger: clientLines(transcript),
    authMethods: ['PLAIN'],
    onAuth({ username, password }, _session, done) {
      const known = username === CREDENTIALS.user && password === CREDENTIALS.pass;
      done(known ? null : new Error('Unknown user'), known ? { user: username } : undefined);
    },
    onMailFrom(_address, { id, transaction }, done) {
      const isReused = transaction > 1;
      if (isReused && provider === 'resets_connections') {
        for (const connection of server.connections) {
          if (connection.session.id === id) connection._socket.destroy();
        }
      } else if (!isReused || provider !== 'forgets_connections') done();
    },
    onRcptTo(_address, _session, done) {
      if (provider === 'rejects_recipient') done(replyOf(refusal));
      else if (provider === 'unavailable') done(replyOf('451 4.3.0 Try again later'));
      else done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const email = await PostalMime.parse(Buffer.concat(chunks));
        emails.push(email);
        received.push({
          to: session.envelope.rcptTo.map(({ address }) => address).join(','),
          text: email.text ?? '',
          subject: email.subject,
        });
        if (provider === 'rejects_data') done(replyOf(refusal));
        else if (provider === 'cuts')
          for (const { _socket } of server.connections) _socket.destroy();
        else if (provider !== 'hangs') done();
      });
    },
  });
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    received,
    emails,
    transcript,
    close() {
      for (const { _socket } of server.connections) _socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A reply such as `550 5.1.1 No such mailbox` as smtp-server expects it. */
function replyOf(reply: string): Error {
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}

function clientLines(transcript: string[]) {
  const note = (entry: { tnx?: string } | string, message?: unknown, ...values: unknown[]) => {
    if (typeof entry === 'object' && entry.tnx === 'command') {
      transcript.push(format(message, ...values).replace(/^C: /, ''));
    }
  };
  const silent = () => {};
  const levels = { trace: silent, info: silent, warn: silent, error: silent, fatal: silent };
  return { ...levels, debug: note, level: silent };
}
