import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { generateKeys } from '@otp/core';
import { compareCosts, printTable } from './measure.js';
import { createBenchService, emailBody, phoneBody, stepUpBodies } from './service.js';

const CONNECTIONS = 8;
const ROUNDS = 9;
const WARM_UP = 3;
const REQUESTS = 3_000;
const FLOOR = 'parse, seal, Map, answer by hand';
/** Where limits are on, see docs/decisions/0029. */
const POLICY = 1.2;

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

type AppKind = 'bare' | 'read' | 'composed' | 'otp' | 'unlimited';

async function start(kind: AppKind, keys: ReturnType<typeof generateKeys>): Promise<Started> {
  const app = fileURLToPath(new URL('app.js', import.meta.url));
  const child = fork(app, [kind, JSON.stringify(keys)], { stdio: 'inherit' });
  const [started] = (await once(child, 'message')) as [{ port: number }];
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
  const keys = generateKeys();
  // Made here, so that the server's heap holds no more than a server's would.
  const stepUpService = createBenchService(keys);
  const bodies = await stepUpBodies(stepUpService, (ROUNDS + WARM_UP) * (REQUESTS + CONNECTIONS));
  const stepUpBody = (index: number) => bodies[index] ?? '';
  const bare = await start('bare', keys);
  const read = await start('read', keys);
  const composed = await start('composed', keys);
  const otp = await start('otp', keys);
  const stepUp = await start('otp', keys);
  const unlimited = await start('unlimited', keys);
  const subjects: readonly Subject[] = [
    { work: 'bare Express', server: bare, bodyOf: emailBody },
    { work: 'body read by hand, 204', server: read, bodyOf: emailBody },
    { work: FLOOR, server: composed, bodyOf: emailBody },
    { work: 'create by e-mail', budget: 1.25 * POLICY, server: otp, bodyOf: emailBody },
    { work: 'create by phone', budget: 1.35 * POLICY, server: otp, bodyOf: phoneBody },
    { work: 'create by e-mail, limits off', budget: 1.25, server: unlimited, bodyOf: emailBody },
    { work: 'create by phone, limits off', budget: 1.35, server: unlimited, bodyOf: phoneBody },
    { work: 'step-up create', budget: 2.3 * POLICY, server: stepUp, bodyOf: stepUpBody },
  ];
  const costs = await compareCosts(
    subjects.map(({ work, server, bodyOf }) => ({
      name: work,
      cost: (round) => cpuPerRequest(server, bodyOf, round * REQUESTS),
    })),
    { rounds: ROUNDS, warmUp: WARM_UP },
  );
  for (const { child } of [bare, read, composed, otp, unlimited, stepUp]) child.disconnect();

  const costOf = (work: string) => costs.get(work) ?? { micros: Number.NaN, ratio: Number.NaN };
  printTable(
    'Express, CPU of the server; to bare Express 5 with express.json() answering 204',
    subjects.map(({ work }) => ({ work, ...costOf(work) })),
  );
  const floor = costOf(FLOOR).ratio;
  printTable(
    'The same; to the floor, which is the steps of a create by e-mail written by hand',
    subjects.flatMap(({ work, budget }) => {
      const { micros, ratio } = costOf(work);
      return budget === undefined ? [] : [{ work, micros, ratio: ratio / floor, budget }];
    }),
  );
}
