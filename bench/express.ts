import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { generateKeys } from '@otp/core';
import { betterAuthBody } from './better-auth.js';
import { compareCosts, printTable, saveCosts } from './measure.js';
import { createBenchService, emailBody, phoneBody, stepUpBodies } from './service.js';

const CONNECTIONS = 8;
const ROUNDS = 9;
const WARM_UP = 3;
const REQUESTS = 3_000;

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

interface Subject {
  readonly name: string;
  readonly server: Started;
  readonly path: string;
  readonly expected: number;
  readonly bodyOf: (index: number) => string;
}

const CREATE = { path: '/v1/session/otp', expected: 204 };
const BETTER_AUTH = { path: '/api/auth/email-otp/send-verification-otp', expected: 200 };

async function start(
  kind: 'bare' | 'otp' | 'better-auth',
  keys: ReturnType<typeof generateKeys>,
): Promise<Started> {
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

function post(agent: Agent, port: number, path: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const options = { agent, port, host: '127.0.0.1', path, headers };
    const call = request({ ...options, method: 'POST' }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    call.once('error', reject).end(body);
  });
}

/** CPU time of the server for one request, in microseconds. */
async function cpuPerRequest(
  { server: { child, port }, path, expected, bodyOf }: Subject,
  offset: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const before = await cpuOf(child);
  let next = 0;
  const worker = async () => {
    while (next < REQUESTS) {
      const status = await post(agent, port, path, bodyOf(offset + next++));
      if (status !== expected) throw new Error(`a request was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const cost = ((await cpuOf(child)) - before) / REQUESTS;
  agent.destroy();
  return cost;
}

export async function benchExpress(): Promise<void> {
  const keys = generateKeys();
  // Issued in this process, so that they do not fill the server's heap.
  const stepUpService = createBenchService(keys);
  const bodies = await stepUpBodies(stepUpService, (ROUNDS + WARM_UP) * (REQUESTS + CONNECTIONS));
  const bare = await start('bare', keys);
  const otp = await start('otp', keys);
  const stepUp = await start('otp', keys);
  const betterAuth = await start('better-auth', keys);
  const subjects: Subject[] = [
    { name: 'bare Express', server: bare, ...CREATE, bodyOf: emailBody },
    { name: 'create by e-mail', server: otp, ...CREATE, bodyOf: emailBody },
    { name: 'create by phone', server: otp, ...CREATE, bodyOf: phoneBody },
    { name: 'step-up create', server: stepUp, ...CREATE, bodyOf: (index) => bodies[index] ?? '' },
    {
      name: 'better-auth, by e-mail',
      server: betterAuth,
      ...BETTER_AUTH,
      bodyOf: betterAuthBody,
    },
  ];
  const costs = await compareCosts(
    subjects.map((subject) => ({
      name: subject.name,
      cost: (round) => cpuPerRequest(subject, round * REQUESTS),
    })),
    { rounds: ROUNDS, warmUp: WARM_UP },
  );
  for (const { server } of subjects) if (server.child.connected) server.child.disconnect();
  printTable(
    'Express, every limit, CPU of the server; to bare Express 5 with express.json() answering 204',
    costs,
    { 'create by e-mail': 1.7, 'create by phone': 1.9 },
  );
  saveCosts('express', costs);
}
