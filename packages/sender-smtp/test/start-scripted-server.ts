import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Where a script replaces the reply: the greeting, a command of the client, or after the final dot. */
export type Stage = 'greeting' | 'EHLO' | 'STARTTLS' | 'MAIL' | 'RCPT' | 'DATA' | 'dot';

export type Script = (socket: Socket) => void;

export interface ScriptedServer {
  readonly port: number;
  /** How many messages were received up to the final dot. */
  readonly messages: () => number;
  close(): Promise<void>;
}

const REPLIES: Readonly<Record<string, string>> = {
  greeting: '220 hello',
  EHLO: '250-hello\r\n250 STARTTLS',
  STARTTLS: '220 go ahead',
  DATA: '354 go ahead',
  QUIT: '221 bye',
};

/** An SMTP server without TLS that runs the script at one stage, in ways that smtp-server cannot. */
export async function startScriptedServer(stage: Stage, script: Script): Promise<ScriptedServer> {
  let messages = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const answer = (at: string) => {
      if (at === stage) script(socket);
      else socket.write(`${REPLIES[at] ?? '250 ok'}\r\n`);
    };
    let received = '';
    let isContent = false;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      for (;;) {
        const end = isContent ? '\r\n.\r\n' : '\r\n';
        const at = received.indexOf(end);
        if (at < 0) return;
        const verb = received.slice(0, 8).split(/[ :\r]/)[0] ?? '';
        received = received.slice(at + end.length);
        if (isContent) messages += 1;
        answer(isContent ? 'dot' : verb);
        isContent = !isContent && verb === 'DATA';
      }
    });
    answer('greeting');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    messages: () => messages,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
