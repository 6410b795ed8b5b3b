import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DemoProgram, DemoSettings } from './demo.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const privateJwks = JSON.stringify({ keys: [privateKey.export({ format: 'jwk' })] });
const publicJwks = JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] });
const OWN = 'urn:otp-demo:demo';
const jwks = (text: string) => ({ OTP_CHALLENGE_ISSUER: 'urn:i', OTP_CHALLENGE_JWKS: text });
const LONG_TEXT = 'not base64url, though it is long enough to be a secret';

const REFUSED: readonly [named: string, fault: string, settings: DemoSettings][] = [
  ['PORT', 'no number', { PORT: 'http' }],
  ['PORT', 'too high', { PORT: '65536' }],
  ['OTP_APP_ID', 'no name of a cookie', { OTP_APP_ID: 'my app' }],
  ['OTP_SECRET', 'too short', { OTP_SECRET: 'dG9vLXNob3J0' }],
  ['OTP_SECRET', 'not encoded', { OTP_SECRET: LONG_TEXT }],
  ['OTP_SECRET', 'guessable', { OTP_SECRET: 'A'.repeat(43) }],
  ['OTP_CHALLENGE_ISSUER', 'without keys', { OTP_CHALLENGE_ISSUER: 'https://issuer.example.com' }],
  ['OTP_CHALLENGE_ISSUER', 'missing', { OTP_CHALLENGE_JWKS: '{"keys":[]}' }],
  ['OTP_CHALLENGE_ISSUER', 'a space', { ...jwks(publicJwks), OTP_CHALLENGE_ISSUER: ' ' }],
  ['OTP_CHALLENGE_ISSUER', 'our own', { ...jwks(publicJwks), OTP_CHALLENGE_ISSUER: OWN }],
  ['OTP_CHALLENGE_JWKS', 'no JSON', jwks('{')],
  ['OTP_CHALLENGE_JWKS', 'no set', jwks('null')],
  ['OTP_CHALLENGE_JWKS', 'an empty set', jwks('{"keys":[]}')],
  ['OTP_CHALLENGE_JWKS', 'a private key', jwks(privateJwks)],
  ['OTP_STORE', 'unknown', { OTP_STORE: 'mysql://localhost/otp' }],
  ['OTP_COUNTRIES', 'no country', { OTP_COUNTRIES: 'US,XX' }],
  ['OTP_COUNTRIES', 'empty', { OTP_COUNTRIES: ',' }],
  ['OTP_BLOCKED', 'no identifier', { OTP_BLOCKED: '12025550123' }],
  ['OTP_ON_BLOCK', 'unknown', { OTP_ON_BLOCK: 'hide' }],
  ['OTP_FAIL', 'no identifier', { OTP_FAIL: 'ada@example.com:always' }],
  ['OTP_SESSION_HEADER', 'with a space', { OTP_SESSION_HEADER: 'x session' }],
  ['OTP_SESSION_HEADER', 'what every object has', { OTP_SESSION_HEADER: '__proto__' }],
  ['OTP_ORIGINS', 'empty', { OTP_ORIGINS: ',' }],
  ['OTP_ORIGINS', 'with a path', { OTP_ORIGINS: 'https://app.example.com/' }],
  ['OTP_ORIGINS', 'without a scheme', { OTP_ORIGINS: 'app.example.com' }],
  ['origins[1]', 'in the second place', { OTP_ORIGINS: 'https://a.example, b.example' }],
  ['OTP_TRUST_PROXY', 'no address', { OTP_TRUST_PROXY: 'nginx' }],
  ['OTP_PUBLIC_URL', 'without a scheme', { OTP_PUBLIC_URL: 'id.example.com/otp' }],
  [
    'OTP_PUBLIC_URL',
    'not http, beside origins',
    { OTP_PUBLIC_URL: 'ftp://id.example.com', OTP_ORIGINS: 'https://a.example' },
  ],
  ['OTP_RETRY_INTERVAL', 'negative', { OTP_RETRY_INTERVAL: '-1' }],
  ['OTP_RETRY_INTERVAL', 'too long', { OTP_RETRY_INTERVAL: '601' }],
  ['OTP_TRANSPORT', 'unknown', { OTP_TRANSPORT: 'headers' }],
  ['OTP_SAME_SITE', 'unknown', { OTP_SAME_SITE: 'Lax' }],
  ['OTP_LIMITS', 'unknown', { OTP_LIMITS: 'none' }],
];

/** Settings that cannot be meant end the demo with a sentence, before anything listens. */
export function testRefusedSettings({ runDemo }: DemoProgram): void {
  test.each(REFUSED)('refuses a bad %s by its name: %s', async (named, _, settings) => {
    const { status, output } = await runDemo(settings);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(named) });
    expect(output).not.toMatch(/^\s+at /m);
    expect(output).not.toContain('The demo is at');
    const { OTP_SECRET: secret } = settings;
    if (secret !== undefined) expect(output).not.toContain(secret);
  });
}
