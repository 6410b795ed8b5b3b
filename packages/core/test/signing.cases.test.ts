import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { answerOf, EMAIL, setUp, tally } from '@otp/testing/internal';
import { afterEach, describe, expect, test, vi } from 'vitest';

function breakSigner(): void {
  vi.spyOn(crypto, 'sign').mockImplementation(() => {
    throw new Error('the key is gone');
  });
  syncBuiltinESMExports();
}

function mendSigner(): void {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
}

describe('R10', () => {
  afterEach(mendSigner);

  test.each(['standalone', 'step-up'])(
    'a signer that fails at a %s check uses nothing up [R10]',
    async (flow) => {
      const t = setUp();
      const more = flow === 'step-up' ? { challenge_token: t.challenge() } : {};
      const cookie = await t.open(flow === 'step-up' ? more : EMAIL);
      breakSigner();
      const failed = await t.check(cookie, t.code(), more);
      expect(failed.status).toBe(500);
      expect(failed.body).toBe('{"code":"internal","type":"internal"}');
      mendSigner();
      expect(answerOf(await t.check(cookie, t.code(), more))).toBe('200');
      expect(answerOf(await t.check(cookie, t.code(), more))).toBe('unauthorized');
    },
  );

  test.each([
    [4, '200'],
    [5, 'unauthorized'],
  ])(
    'after %i signatures that failed the right code is answered %s [R10]',
    async (count, answer) => {
      const t = setUp();
      const cookie = await t.open();
      breakSigner();
      const failed = [];
      for (let done = 0; done < count; done += 1) failed.push(await t.check(cookie, t.code()));
      expect(tally(failed)).toEqual({ internal: count });
      mendSigner();
      expect(answerOf(await t.check(cookie, t.code()))).toBe(answer);
    },
  );
});
