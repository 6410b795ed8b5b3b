import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type DemoSettings, runDemo, startDemo, useDemo } from './demo.js';

const privateJwk = {
  ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  kid: 'a',
};
const jwks = (text: string) => ({ OTP_CHALLENGE_ISSUER: 'urn:i', OTP_CHALLENGE_JWKS: text });

const REFUSED: readonly [variable: string, settings: DemoSettings][] = [
  ['PORT', { PORT: 'http' }],
  ['PORT', { PORT: '65536' }],
  ['OTP_APP_ID', { OTP_APP_ID: 'my app' }],
  ['OTP_SECRET', { OTP_SECRET: 'dG9vLXNob3J0' }],
  ['OTP_SECRET', { OTP_SECRET: 'not base64url, though it is long enough to be a secret' }],
  ['OTP_CHALLENGE_ISSUER', { OTP_CHALLENGE_ISSUER: 'https://issuer.example.com' }],
  ['OTP_CHALLENGE_JWKS', { OTP_CHALLENGE_JWKS: '{"keys":[]}' }],
  ['OTP_CHALLENGE_JWKS', jwks('{')],
  ['OTP_CHALLENGE_JWKS', jwks('null')],
  ['OTP_CHALLENGE_JWKS', jwks('{"keys":[]}')],
  ['OTP_CHALLENGE_JWKS', jwks(JSON.stringify({ keys: [privateJwk] }))],
  ['OTP_STORE', { OTP_STORE: 'mysql://localhost/otp' }],
  ['OTP_COUNTRIES', { OTP_COUNTRIES: 'US,XX' }],
  ['OTP_BLOCKED', { OTP_BLOCKED: '12025550123' }],
  ['OTP_ON_BLOCK', { OTP_ON_BLOCK: 'hide' }],
  ['OTP_FAIL', { OTP_FAIL: 'ada@example.com:always' }],
  ['OTP_ORIGINS', { OTP_ORIGINS: 'https://app.example.com/' }],
  ['OTP_ORIGINS', { OTP_ORIGINS: 'app.example.com' }],
  ['OTP_TRUST_PROXY', { OTP_TRUST_PROXY: 'nginx' }],
  ['OTP_PUBLIC_URL', { OTP_PUBLIC_URL: 'id.example.com/otp' }],
  ['OTP_PUBLIC_URL', { OTP_PUBLIC_URL: 'ftp://id.example.com', OTP_ORIGINS: 'https://a.example' }],
  ['OTP_RETRY_INTERVAL', { OTP_RETRY_INTERVAL: '-1' }],
  ['OTP_RETRY_INTERVAL', { OTP_RETRY_INTERVAL: '601' }],
  ['OTP_LIMITS', { OTP_LIMITS: 'none' }],
];

describe('npm start', () => {
  const demo = useDemo();

  test('says where the demo is, and ends with everything that it started', async () => {
    const second = await startDemo();
    expect(second.output()).toMatch(/The demo is at http:\/\/localhost:\d+ .* \/dev\/inbox/);
    expect((await fetch(second.url)).status).toBe(200);
    await second.stop();
  });

  test.each(REFUSED)('refuses a bad %s by name, in a line: %j', async (variable, settings) => {
    const { status, output } = await runDemo(settings);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(variable) });
    expect(output).not.toMatch(/^\s+at /m);
    expect(output).not.toContain('The demo is at');
    const { OTP_SECRET: secret } = settings;
    if (secret !== undefined) expect(output).not.toContain(secret);
  });

  test('says so when the port is taken', async () => {
    const { status, output } = await runDemo({ PORT: new URL(demo.url).port });
    expect(status).toBe(1);
    expect(output).toMatch(/cannot listen on PORT \d+: .*EADDRINUSE/);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
