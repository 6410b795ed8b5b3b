import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { email, outcome, phone } from '@otp/example-shared/testing/client';
import { RawClient } from '@otp/test/raw-client';
import {
  type ProvidedServer,
  provideDynamoDb,
  providePostgres,
  provideRedis,
  startHttpServer,
} from '@otp/test/servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startMailServer } from './mail-server.js';
import { blocksOf, programsOf, runProgram, startProgram } from './program.js';
import { startTwilio, TWILIO_ENV } from './twilio.js';

/** Of a message that a program prints. */
const CODE = /\b\d{6}\b/;

const HEAD = 'Host: a\r\nContent-Type: application/json\r\n';
const CREATE = `POST /v1/session/otp HTTP/1.1\r\n${HEAD}`;

/** Requests that have ended a server whose handler lets an error through. */
const ATTACKS: readonly [string, (client: RawClient) => Promise<void>][] = [
  [
    'a body that the client cuts off',
    async (client) => {
      await client.send(`${CREATE}Content-Length: 100\r\n\r\n{"identifier":`);
      client.close();
    },
  ],
  [
    'a body that does not end',
    async (client) => {
      await client.send(`${CREATE}Transfer-Encoding: chunked\r\n\r\n`);
      void client.send(`10000\r\n${' '.repeat(0x10000)}\r\n`);
      expect((await client.next()).status).toBe(400);
    },
  ],
  [
    'a path of two slashes',
    async (client) => {
      await client.send(`GET // HTTP/1.1\r\n${HEAD}\r\n`);
      expect((await client.next()).status).toBe(404);
    },
  ],
];

describe.each([
  'README.md',
  ...['core', 'express', 'fastify'].map((name) => `packages/${name}/README.md`),
])('the first program of %s', (path) => {
  it('sends a code and accepts it, as it stands', async () => {
    const [program] = programsOf(path);
    const { client, find } = await startProgram(program);
    expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
    const { status, body } = await client.check(await find(CODE));
    expect(status).toBe(200);
    // Core's has no endpoint of the host's.
    if (!program?.includes('consumeSessionStart')) return;
    const take = () => client.send('POST', '/session', body);
    expect((await take()).status).toBe(200);
    expect(outcome(await take())).toBe('401 token_reused');
  });

  it.each(ATTACKS)('survives %s', async (_, attack) => {
    const [program] = programsOf(path);
    const { client, port } = await startProgram(program);
    const attacker = await RawClient.open(port);
    await attack(attacker);
    // Twice: the first answer may overtake the end of the server.
    for (const to of ['ada@example.com', 'grace@example.com']) {
      expect(outcome(await client.create(email(to)))).toBe('204');
    }
    attacker.close();
  });
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

it.runIf(hasCurl)('README.md has curl commands that run as they stand', async () => {
  const { port, find } = await startProgram(programsOf('README.md')[0]);
  const commands = blocksOf('README.md', 'sh').find((block) => block.includes('curl')) ?? '';
  const [create = '', check = '', redeem = ''] = commands.split('\n\n');
  const cwd = mkdtempSync(join(tmpdir(), 'otp-readme-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const run = async (command: string) => {
    const here = command.replaceAll(':3000', `:${port}`);
    return (await promisify(execFile)('sh', ['-c', here], { cwd })).stdout;
  };
  expect(await run(create)).toMatch(/^HTTP\/1\.1 204 /);
  const { challenge_token } = JSON.parse(await run(check.replace('123456', await find(CODE))));
  const redeemToken = redeem.replace('eyJ…', challenge_token);
  const identifier = { type: 'email_address', value: 'ada@example.com' };
  expect(JSON.parse(await run(redeemToken))).toEqual({ signedIn: identifier });
  expect(JSON.parse(await run(redeemToken))).toEqual({ code: 'token_reused' });
});

it.each(['express', 'fastify'])(
  'the README of %s has a step-up that runs as it stands',
  async (name) => {
    const [, program] = programsOf(`packages/${name}/README.md`);
    const { client, find } = await startProgram(program);
    const order = { to: 'bob', amount: 10 };
    const challenge = await client.send('POST', '/transfer/challenge', order);
    expect(outcome(await client.create(challenge.body))).toBe('204');
    const { status, body } = await client.check(await find(CODE), challenge.body.challenge_token);
    expect(status).toBe(200);
    const transfer = () => client.send('POST', '/transfer', body);
    expect((await transfer()).body).toEqual({ transferred: order });
    expect(outcome(await transfer())).toBe('401 token_reused');
  },
);

describe('the program of a store', () => {
  const [redis = ''] = blocksOf('packages/store-redis/README.md');
  const [postgres] = blocksOf('packages/store-postgres/README.md');
  const [dynamoDb] = blocksOf('packages/store-dynamodb/README.md');

  it.each<[string, () => Promise<ProvidedServer>, (url: string) => ReturnType<typeof runProgram>]>([
    ['Redis', provideRedis, (url) => runProgram(redis.replace('redis://localhost:6379', url))],
    [
      'Postgres',
      providePostgres,
      (DATABASE_URL) => runProgram(postgres, { env: { DATABASE_URL } }),
    ],
    ['DynamoDB', provideDynamoDb, (url) => runProgram(dynamoDb, { env: awsAt(url) })],
  ])('is ready on %s, as it stands', async (_, provide, run) => {
    const server = await provide();
    onTestFinished(() => server.stop());
    expect(await run(server.url).find(/^ready$/m)).toBe('ready');
  });
});

/** A region, credentials and the endpoint of a local service, as the AWS SDK reads them. */
const awsAt = (url: string) => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'not-a-real-key',
});

describe('the program of a sender', () => {
  it('sends an SMS by Twilio', async () => {
    const twilio = await startTwilio();
    onTestFinished(() => twilio.close());
    const [program] = programsOf('packages/sender-twilio/README.md');
    const { standIns } = twilio;
    const { client } = await startProgram(program, { env: TWILIO_ENV, standIns });
    expect(outcome(await client.create(phone('+12065550199')))).toBe('204');
    expect(twilio.messages).toMatchObject([
      { to: '+12065550199', text: expect.stringMatching(CODE) },
    ]);
  });

  it('sends an e-mail by SES', async () => {
    const bodies: string[] = [];
    const ses = await startHttpServer((_request, body, response) => {
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"MessageId":"m-1"}');
    });
    onTestFinished(() => ses.close());
    const [program] = programsOf('packages/sender-aws/README.md');
    const { client } = await startProgram(program, { env: awsAt(ses.url) });
    expect(outcome(await client.create(email('you@example.com')))).toBe('204');
    expect(bodies).toEqual([expect.stringContaining('"you@example.com"')]);
  });

  it('sends an e-mail by SMTP', async () => {
    const mail = await startMailServer();
    onTestFinished(() => mail.close());
    const [program] = programsOf('packages/sender-smtp/README.md');
    const local = program
      ?.replace("'smtp.example.com'", "'127.0.0.1'")
      .replace('port: 587', `port: ${mail.port}`);
    // The certificate of the server is of its own making.
    const env = { SMTP_USER: 'shop', SMTP_PASSWORD: 'test', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { client } = await startProgram(local, { env });
    expect(outcome(await client.create(email('you@example.com')))).toBe('204');
    expect(mail.recipients).toEqual(['you@example.com']);
  });
});
