import { randomBytes } from 'node:crypto';
import {
  provideDynamoDb,
  providePostgres,
  provideRedis,
  provideRedisCluster,
} from '@otp/test/servers';
import { expect, test } from 'vitest';
import { Client, phone } from './client.js';
import type { DemoProgram } from './demo.js';

const SERVERS = [
  ['Redis', provideRedis, (url: string) => url],
  ['a cluster of Redis', provideRedisCluster, (url: string) => url],
  ['Postgres', providePostgres, (url: string) => url],
  [
    'DynamoDB',
    provideDynamoDb,
    (url: string) => `dynamodb://eu-west-1/otp?endpoint=${encodeURIComponent(url)}`,
  ],
] as const;

/** Needs the set-up that finds the servers. */
export function testStores({ runDemo, startDemo }: DemoProgram): void {
  test.each(SERVERS)(
    'two demos on %s with one OTP_SECRET are one',
    async (_, provide, toSetting) => {
      const server = await provide();
      const settings = {
        OTP_STORE: toSetting(server.url),
        OTP_SECRET: randomBytes(32).toString('base64url'),
        // A server that the environment names may hold what other runs have left there.
        OTP_APP_ID: `demo-${randomBytes(6).toString('hex')}`,
      };
      try {
        const [first, second] = await Promise.all([startDemo(settings), startDemo(settings)]);
        try {
          const number = '+33612345678';
          const client = new Client(first);
          expect((await client.create(phone(number))).status).toBe(204);
          const [message] = await client.inbox(number);
          const other = new Client(second);
          other.cookie = client.cookie;
          const answer = await other.check(message?.code ?? '');
          expect(answer.status).toBe(200);
          expect(answer.body.challenge_token).toEqual(expect.any(String));
          // Used up for both.
          expect((await client.check(message?.code ?? '')).status).toBe(401);
          // And so is what the recipient may be sent.
          expect((await new Client(second).create(phone(number))).body.code).toBe('auth_blocked');
        } finally {
          await Promise.all([first.stop(), second.stop()]);
        }
      } finally {
        await server.stop();
      }
    },
  );

  test.each([
    ['redis', 'redis://127.0.0.1:1'],
    ['postgres', 'postgres://otp:not-a-real-password@127.0.0.1:1/otp'],
    ['dynamodb', 'dynamodb://eu-west-1/otp?endpoint=http://127.0.0.1:1'],
  ])('says so, without the URL, when the %s server cannot be reached', async (kind, url) => {
    const { status, output } = await runDemo({ OTP_STORE: url });
    expect({ status, output }).toEqual({
      status: 1,
      output: expect.stringContaining(`OTP_STORE: the ${kind} store cannot be reached.`),
    });
    expect(output).not.toContain('not-a-real-password');
    expect(output).not.toMatch(/^\s+at /m);
  });
}
