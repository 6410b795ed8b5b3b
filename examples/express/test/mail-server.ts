import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface StartedMailServer {
  readonly port: number;
  readonly emails: Email[];
  close(): Promise<void>;
}

/** A real SMTP server as for development: it takes everything, and its certificate is of its own making. */
export async function startMailServer(): Promise<StartedMailServer> {
  const emails: Email[] = [];
  const server = new SMTPServer({
    authOptional: true,
    async onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      emails.push(await PostalMime.parse(Buffer.concat(chunks)));
      done();
    },
  });
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    emails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
