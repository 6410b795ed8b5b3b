import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createFloodClock } from './flood-clock.js';
import type { Fields, FloodAnswer, FloodTarget } from './flood-run.js';

const CLIENTS = 16;

/** Over kept-alive connections, each request from an address of its own by `X-Forwarded-For`. */
export async function startExpress(creates: number): Promise<FloodTarget> {
  // Moves like the clock of the server, since this process counts the same requests.
  const { now, tick } = createFloodClock(creates);
  const app = fileURLToPath(new URL('flood-app.js', import.meta.url));
  const child = fork(app, [String(creates)], { stdio: 'inherit', execArgv: ['--expose-gc'] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

  async function ask(question: string): Promise<unknown> {
    const answer = once(child, 'message');
    child.send(question);
    return (await answer)[0];
  }

  function post(path: string, value: unknown, { address, cookie }: Fields): Promise<FloodAnswer> {
    tick();
    return new Promise((resolve, reject) => {
      const body = JSON.stringify(value);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-forwarded-for': address,
        ...(cookie === undefined ? {} : { cookie }),
      };
      const options = { agent, port, host: '127.0.0.1', path: `/otp${path}`, headers };
      const call = request({ ...options, method: 'POST' }, (response) => {
        const [set] = response.headers['set-cookie'] ?? [];
        const answer = { status: response.statusCode ?? 0, cookie: set?.split(';')[0] };
        response.resume().once('end', () => resolve(answer));
      });
      call.once('error', reject).end(body);
    });
  }

  return {
    clients: CLIENTS,
    now: () => now() / 1000,
    post,
    codeFor: async (recipient) => String(await ask(recipient)),
    memory: async () => (await ask('memory')) as { heap: number; rss: number },
    async close() {
      agent.destroy();
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
