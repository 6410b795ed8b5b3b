import { challengeClaims } from '@otp/testing/internal';
import { expect, it } from 'vitest';
import { parseClaims } from './claims.js';

const THUMBPRINT = 'x'.repeat(43);
const parse = (jkt: string) =>
  parseClaims({ ...challengeClaims('https://issuer.example', 0), cnf: { jkt } });

it('takes a confirmation key of 43 characters', () => {
  expect(parse(THUMBPRINT)?.cnf).toEqual({ jkt: THUMBPRINT });
});

it.each([`${THUMBPRINT}x`, `=${THUMBPRINT}`, `${THUMBPRINT}=`])('refuses %s as one', (jkt) => {
  expect(parse(jkt)).toBeUndefined();
});

it('looks no further than the first claim that is wrong', () => {
  const payload = {
    iss: 1,
    get aud(): never {
      throw new Error('was looked at');
    },
  };
  expect(parseClaims(payload)).toBeUndefined();
});
