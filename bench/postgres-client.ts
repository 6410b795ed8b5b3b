import type { OtpService } from '@otp/core';
import { createPostgresStore } from '@otp/store-postgres';
import type { Pool } from 'pg';
import { createBenchService, emailBody } from './service.js';

/** A client that creates and checks through a service whose messages it reads. */
export interface BenchClient {
  /** Returns what a check needs. */
  create(): Promise<Opened>;
  check(opened: Opened): Promise<void>;
}

interface Opened {
  readonly cookie: string;
  readonly code: string;
}

let users = 0;

export function createClient(pool: Pool, schema = 'otp'): BenchClient {
  const codes = new Map<string, string>();
  const sender = {
    async send({ to, code }: { to: string; code: string }) {
      codes.set(to, code);
      return undefined;
    },
  };
  const service = createBenchService({
    store: createPostgresStore({ pool, schema, timeoutMs: 60_000, connectionTimeoutMs: 60_000 }),
    channels: { email: { sender } },
  });
  return {
    async create() {
      users += 1;
      const to = `user${users}@example.com`;
      const { headers } = await post(service, '/', emailBody(users), {}, 204);
      const cookie = headers.find(([name]) => name.toLowerCase() === 'set-cookie')?.[1] ?? '';
      return { cookie: cookie.split(';')[0] ?? '', code: codes.get(to) ?? '' };
    },
    async check({ cookie, code }) {
      await post(service, '/check', JSON.stringify({ code }), { cookie: [cookie] }, 200);
    },
  };
}

async function post(
  service: OtpService,
  path: string,
  body: string,
  fields: Readonly<Record<string, string[]>>,
  expected: number,
) {
  const all: typeof fields = { 'content-type': ['application/json'], ...fields };
  const answer = await service.handle({
    method: 'POST',
    path,
    header: (name) => all[name] ?? [],
    body,
    // A bucket of its own for each, as most clients have.
    clientAddress: `2001:db8:${(users >> 16).toString(16)}:${(users & 0xffff).toString(16)}::1`,
  });
  if (answer.status !== expected) throw new Error(`${path} was answered ${answer.status}`);
  return answer;
}
