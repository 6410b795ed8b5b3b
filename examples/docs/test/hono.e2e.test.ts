import { email, outcome } from '@otp/example-shared/testing/client';
import { expect, it } from 'vitest';
import { blocksOf, startProgram } from './program.js';

it('the program of docs/guides/hono.md verifies an address and redeems the token once', async () => {
  const [program] = blocksOf('docs/guides/hono.md');
  const { client, find } = await startProgram(program);
  expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
  const { status, body } = await client.check(await find(/\b\d{6}\b/));
  expect(status).toBe(200);
  const session = () => client.send('POST', '/session', body);
  const signedIn = { type: 'email_address', value: 'ada@example.com' };
  expect((await session()).body).toEqual({ signedIn });
  expect(outcome(await session())).toBe('401 token_reused');
  expect(outcome(await client.send('PUT', '/v1/session/otp'))).toBe('405 bad_request');
  expect(outcome(await client.send('GET', '/v1/session/otp/nope'))).toBe('404 not_found');
});
