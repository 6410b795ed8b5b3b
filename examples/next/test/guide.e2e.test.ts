import { randomBytes } from 'node:crypto';
import { Client, email, outcome } from '@otp/example-shared/testing/client';
import { startPostgres, type TestServer } from '@otp/test/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuideApp, startGuideApp } from './guide-app.js';

let app: GuideApp;
let database: TestServer;
let client: Client;

beforeAll(async () => {
  database = await startPostgres();
  const env = {
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.url,
    OTP_SECRET: randomBytes(32).toString('base64'),
    CRON_SECRET: 'cron',
  };
  app = await startGuideApp('docs/guides/next-with-postgres.md', env, ['migrate.mjs']);
  client = new Client({ url: app.url });
});

afterAll(async () => {
  app?.stop();
  await database?.stop();
});

const newestCode = () =>
  app
    .output()
    .match(/^\d{6}$/gm)
    ?.at(-1) ?? '';

describe('the app of docs/guides/next-with-postgres.md', () => {
  it('signs in once with the token of a check', async () => {
    expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
    const { status, body } = await client.check(newestCode());
    expect(status).toBe(200);
    const session = await client.send('POST', '/session', body);
    expect(session.body).toEqual({ email: 'ada@example.com' });
    expect(outcome(await client.send('POST', '/session', body))).toBe('401 token_reused');
  });

  it('makes a transfer once, after a step-up of the signed-in user', async () => {
    const transfer = { to: 'bob', amount: 10 };
    const ada = new Client({ url: app.url });
    expect((await ada.send('POST', '/transfer/challenge', transfer)).status).toBe(401);

    await ada.create(email('ada@example.org'));
    const login = await ada.check(newestCode());
    await ada.send('POST', '/session', login.body);
    const cookie = ada.cookie ?? '';

    const { body } = await ada.send('POST', '/transfer/challenge', transfer);
    expect(outcome(await ada.create(body, { cookie }))).toBe('204');
    const both = { cookie: `${cookie}; ${ada.cookie}` };
    const checked = await ada.check(newestCode(), body.challenge_token, both);
    const act = () => ada.send('POST', '/transfer', checked.body, { cookie });
    expect((await act()).body).toEqual({ transferred: transfer });
    expect(outcome(await act())).toBe('401 token_reused');
  });

  it('cleans up for the scheduler only', async () => {
    const cleanUp = (secret: string) =>
      client.send('GET', '/cron/clean-up', undefined, { authorization: `Bearer ${secret}` });
    expect((await cleanUp('other')).status).toBe(401);
    expect((await cleanUp('cron')).body).toEqual({ removed: expect.any(Number) });
  });
});
