import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { median, printTable } from './measure.js';
import { emailBody, phoneBody } from './service.js';

const CONNECTIONS = 8;
const ROUNDS = 9;
const WARM_UP = 3;
const REQUESTS = 3_000;

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly bodies: readonly string[];
}

type Kind = 'bare' | 'composed' | 'otp' | 'unlimited';

async function start(kind: Kind, tokens: number): Promise<Started> {
  const app = fileURLToPath(new URL('app.js', import.meta.url));
  const child = fork(app, [kind, String(tokens)], { stdio: 'inherit' });
  const [started] = (await once(child, 'message')) as [{ port: number; bodies: string[] }];
  return { child, ...started };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message') as Promise<[NodeJS.CpuUsage]>;
  child.send('cpu');
  const [{ user, system }] = await answer;
  return user + system;
}

function post(agent: Agent, port: number, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const options = { agent, port, host: '127.0.0.1', path: '/v1/session/otp', headers };
    const call = request({ ...options, method: 'POST' }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    call.once('error', reject).end(body);
  });
}

/** CPU time of the server for one request, in microseconds. */
async function cpuPerRequest(
  { child, port }: Started,
  bodyOf: (index: number) => string,
  offset: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const before = await cpuOf(child);
  let next = 0;
  const worker = async () => {
    while (next < REQUESTS) {
      const status = await post(agent, port, bodyOf(offset + next++));
      if (status !== 204) throw new Error(`a request was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const cost = ((await cpuOf(child)) - before) / REQUESTS;
  agent.destroy();
  return cost;
}

interface Subject {
  readonly work: string;
  readonly budget?: number;
  readonly server: Started;
  readonly bodyOf: (index: number) => string;
}

export async function benchExpress(): Promise<void> {
  const needed = (ROUNDS + WARM_UP) * (REQUESTS + CONNECTIONS);
  const bare = await start('bare', 0);
  const stepUp = await start('otp', needed);
  const stepUpBody = (index: number) => stepUp.bodies[index] ?? '';
  const composed = await start('composed', 0);
  const otp = await start('otp', 0);
  const unlimited = await start('unlimited', 0);
  const servers: readonly Subject[] = [
    { work: 'parse, seal, Map, answer by hand', server: composed, bodyOf: emailBody },
    { work: 'create by e-mail', budget: 1.1, server: otp, bodyOf: emailBody },
    { work: 'create by phone', budget: 1.25, server: otp, bodyOf: phoneBody },
    { work: 'create by e-mail, limits off', budget: 1.1, server: unlimited, bodyOf: emailBody },
    { work: 'create by phone, limits off', budget: 1.25, server: unlimited, bodyOf: phoneBody },
    { work: 'step-up create', budget: 2.5, server: stepUp, bodyOf: stepUpBody },
  ];

  const costs = servers.map((): { micros: number[]; ratios: number[] } => ({
    micros: [],
    ratios: [],
  }));
  const bareCosts: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const offset = round * REQUESTS;
    const reference = await cpuPerRequest(bare, emailBody, offset);
    if (round >= WARM_UP) bareCosts.push(reference);
    for (const [place, { server, bodyOf }] of servers.entries()) {
      const cost = await cpuPerRequest(server, bodyOf, offset);
      if (round < WARM_UP) continue;
      costs[place]?.micros.push(cost);
      costs[place]?.ratios.push(cost / reference);
    }
  }
  for (const { child } of [bare, composed, otp, unlimited, stepUp]) child.disconnect();

  printTable('Express, CPU of the server; to bare Express 5 with express.json() answering 204', [
    { work: 'bare Express', micros: median(bareCosts), ratio: 1 },
    ...servers.map(({ work, budget }, place) => ({
      work,
      ...(budget === undefined ? {} : { budget }),
      micros: median(costs[place]?.micros ?? []),
      ratio: median(costs[place]?.ratios ?? []),
    })),
  ]);
}
