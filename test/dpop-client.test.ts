import { directExchange } from '@otp/testing/internal';
import { expect, test } from 'vitest';
import { checkWithDpop, createDpopService } from './dpop-client.js';

test('npm dpop passes with the URL of the request, and with no other', async () => {
  const t = createDpopService();
  const check = (htu: string) => checkWithDpop(t, directExchange(t.service), { htu });
  expect(await check('https://api.test/v1/session/otp/check')).toBe(200);
  expect(await check('https://api.test/v1/session/otp')).toBe(400);
  expect(await check('https://elsewhere.test/v1/session/otp/check')).toBe(400);
});

test('npm dpop passes with `publicUrl` of the service', async () => {
  const t = createDpopService({ publicUrl: 'https://example.com/otp' });
  const check = (htu: string) => checkWithDpop(t, directExchange(t.service), { htu });
  expect(await check('https://example.com/otp/check')).toBe(200);
  expect(await check('https://api.test/v1/session/otp/check')).toBe(400);
});
