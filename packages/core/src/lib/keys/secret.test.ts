import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { SecretSchema } from './secret.js';

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, index) => 224 + index));
const HEX = BYTES.toString('hex');
const BASE64 = BYTES.toString('base64');
const BASE64URL = BYTES.toString('base64url');

describe('SecretSchema', () => {
  it.each([
    ['hex', HEX],
    ['hex in upper case', HEX.toUpperCase()],
    ['base64', BASE64],
    ['base64 without padding', BASE64.slice(0, -1)],
    ['base64url', BASE64URL],
    ['base64url with padding', `${BASE64URL}=`],
  ])('reads 32 bytes in %s', (_, value) => {
    expect(v.parse(SecretSchema, value)).toEqual(BYTES);
  });

  it('reads 66 hex digits as hex', () => {
    expect(v.parse(SecretSchema, `${HEX}00`)).toEqual(Buffer.from(`${HEX}00`, 'hex'));
  });

  it('reads longer secrets whole', () => {
    const bytes = randomBytes(65);
    expect(v.parse(SecretSchema, bytes.toString('base64url'))).toEqual(bytes);
  });

  it.each([
    ['nothing', undefined],
    ['an empty string', ''],
    ['bytes', BYTES],
    ['67 hex digits', `${HEX}000`],
    ['62 hex digits', HEX.slice(2)],
    ['31 bytes', BYTES.subarray(1).toString('base64url')],
    ['a passphrase', 'correct horse battery staple and forty more characters'],
    ['a line break at the end', `${BASE64URL}\n`],
    ['both alphabets', `${'-'.repeat(22)}${'+'.repeat(21)}`],
    ['a length that no bytes have', `${BASE64URL}AA`],
    ['too much padding', `${BASE64URL}==`],
  ])('refuses %s', (_, value) => {
    const { issues } = v.safeParse(SecretSchema, value, { abortEarly: true });
    expect(issues?.[0].message).toBe(
      'must be at least 32 random bytes in base64url, base64 or hex; `npx -p @otp/core otp-keys` prints a fresh one',
    );
  });

  it.each([
    ['one character', 'k'.repeat(43), false],
    ['15 different bytes', Buffer.from(BYTES.map((byte) => byte % 15)).toString('hex'), false],
    ['16 different bytes', Buffer.from(BYTES.map((byte) => byte % 16)).toString('hex'), true],
  ])('counts the different bytes: %s', (_, value, isTaken) => {
    const { issues } = v.safeParse(SecretSchema, value, { abortEarly: true });
    const rule = expect.stringMatching(/^must be random: it has fewer than 16 different bytes/);
    expect(issues?.[0].message).toEqual(isTaken ? undefined : rule);
  });
});
