import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { generateKeys } from '@otp/core';
import type { ExchangeRequest } from '../http/exchange.js';
import { times } from '../kit/test-kit.js';
import { createTestClock } from '../service/test-clock.js';
import { createTestService } from '../service/test-service.js';
import { RACE, type RaceMessage, type RaceReply, type RaceResult } from './race-messages.js';

/** Time for every process to receive its order. */
const LEAD_MS = 50;

/** A store that processes share: the harness of `storeProcessCases`. */
export interface StoreProcesses {
  /** File URL of a module that exports `createStore(url): Promise<OtpStore>`. Let its operations take 10 seconds. */
  readonly storeModule: string;
  /** Argument of `createStore` in each process. */
  readonly url: string;
  /** Checks at once in each process; fewer for a slow server. @default 250 */
  readonly checksEach?: number;
  /** Time limit of the store's work for one request, in milliseconds, including the wait for a connection. @default 10_000 */
  readonly storeTimeoutMs?: number;
  /** How often each race runs. @default 20 */
  readonly rounds?: number;
  /** Arguments of `node`, for instance `--import` with a loader for TypeScript. @default none */
  readonly execArgv?: readonly string[];
}

/** Processes that wait for requests. */
export interface Racers {
  /** Starts the requests of all processes at the same moment; returns their results. */
  race(requests: readonly (readonly ExchangeRequest[])[]): Promise<readonly RaceResult[]>;
  /** Issues a challenge token to verify that address in a step-up. */
  issueChallenge(address: string): Promise<string>;
}

interface Team extends Racers {
  stop(): Promise<void>;
}

/** How long processes wait for the next case, since starting them takes most of the time of a short race. */
const IDLE_MS = 1_000;

const idle = new Map<string, { readonly team: Team; readonly timer: NodeJS.Timeout }>();

/** Runs `body` with processes of one service, each with its own client of the same data. */
export async function withRacers(
  processes: StoreProcesses,
  count: number,
  body: (racers: Racers) => Promise<void>,
): Promise<void> {
  const { rounds, checksEach, ...same } = processes;
  const key = JSON.stringify([count, same]);
  const team = takeIdle(key) ?? (await startTeam(processes, count));
  try {
    await body(team);
  } catch (error) {
    // Some may still be working.
    await team.stop();
    throw error;
  }
  await rest(key, team);
}

function takeIdle(key: string): Team | undefined {
  const found = idle.get(key);
  idle.delete(key);
  clearTimeout(found?.timer);
  return found?.team;
}

async function rest(key: string, team: Team): Promise<void> {
  if (idle.has(key)) return team.stop();
  const timer = setTimeout(() => {
    idle.delete(key);
    void team.stop();
  }, IDLE_MS);
  idle.set(key, { team, timer });
}

async function startTeam(
  { storeModule, url, storeTimeoutMs = 10_000, execArgv = [] }: StoreProcesses,
  count: number,
): Promise<Team> {
  const keys = generateKeys();
  // Built or from source, like this module; here, because a bundle for Workers has no `import.meta.url`.
  const worker = new URL(`./race-worker${extname(import.meta.url)}`, import.meta.url);
  const children = times(count, () =>
    fork(worker, { execArgv: [...execArgv], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  const stop = async () => {
    await Promise.all(children.map(end));
  };
  try {
    await Promise.all(
      children.map((child) => tell(child, { storeModule, url, storeTimeoutMs, keys })),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async race(all) {
      const startAtMs = Date.now() + (all.length > 1 ? LEAD_MS : 0);
      const replies = await Promise.all(
        all.map((requests, index) => {
          const child = children[index];
          if (child === undefined) throw new Error(`there are ${count} processes`);
          return tell(child, { requests, startAtMs });
        }),
      );
      return replies.flatMap((reply) => (reply.type === 'done' ? reply.results : []));
    },
    issueChallenge(address) {
      const { service } = createTestService({
        ...RACE,
        ...keys,
        testClock: createTestClock(Date.now()),
      });
      const identifier = { type: 'email_address', value: address } as const;
      return service.issueChallengeToken({ sub: address, steps: ['verify_email'], identifier });
    },
    stop,
  };
}

function tell(child: ChildProcess, message: RaceMessage): Promise<RaceReply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(new Error(`a process of the race ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (reply: RaceReply) => {
      child.off('exit', onExit);
      if (reply.type === 'failed') reject(new Error(reply.error));
      else resolve(reply);
    });
    child.send(message);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
