import { checkWithDpop, createDpopService } from '@otp/test/dpop-client';
import { adapterCases, type Header } from '@otp/testing';
import { describe, expect, test } from 'vitest';
import { directAdapter } from './direct.js';

test.each(adapterCases)('called directly: $name [L01, L06]', ({ run }) => run(directAdapter));

describe('npm dpop [J11]', () => {
  const OWN = 'https://api.test/v1/session/otp/check';
  const PUBLIC = 'https://example.com/v1/session/otp/check';
  const FORWARDED: readonly Header[] = [
    ['x-forwarded-host', 'example.com'],
    ['x-forwarded-proto', 'https'],
  ];

  test('passes with the URL of the request, and with no other', async () => {
    const t = createDpopService();
    const { exchange } = await directAdapter.mount(t.service);
    expect(await checkWithDpop(t, exchange, { htu: OWN })).toBe(200);
    expect(await checkWithDpop(t, exchange, { htu: PUBLIC, headers: FORWARDED })).toBe(400);
  });

  test('passes behind a proxy with `publicUrl`, and with no other', async () => {
    const t = createDpopService({ baseUrl: 'https://example.com' });
    const { exchange } = await directAdapter.mount(t.service);
    expect(await checkWithDpop(t, exchange, { htu: PUBLIC, headers: FORWARDED })).toBe(200);
    expect(await checkWithDpop(t, exchange, { htu: OWN, headers: FORWARDED })).toBe(400);
  });
});
