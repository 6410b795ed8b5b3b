import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { email, outcome, phone } from '@otp/example-shared/testing/client';
import {
  type ProvidedServer,
  provideDynamoDb,
  providePostgres,
  provideRedis,
  startHttpServer,
} from '@otp/test/servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { firstProgramSuite, stepUpSuite } from './first-program.js';
import { startMailServer } from './mail-server.js';
import { blocksOf, programsOf, runProgram, startProgram } from './program.js';
import { startTwilio, TWILIO_ENV } from './twilio.js';

/** Of a message that a program prints. */
const CODE = /\b\d{6}\b/;

for (const page of ['README.md', 'packages/core/README.md', 'packages/express/README.md']) {
  firstProgramSuite(page);
}
stepUpSuite('packages/express/README.md');

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
