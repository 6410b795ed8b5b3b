import { answerOf, EMAIL, setUp, tally } from '@otp/testing/internal';
import { afterEach, describe, expect, test, vi } from 'vitest';

function breakSigner(): void {
  vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(new Error('the key is gone'));
}

describe('R10', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each(['standalone', 'step-up'])(
    'a signer that fails at a %s check leaves the verification usable [R10]',
    async (flow) => {
      const t = setUp();
      const more = flow === 'step-up' ? { challenge_token: t.challenge() } : {};
      const cookie = await t.open(flow === 'step-up' ? more : EMAIL);
      breakSigner();
      const failed = await t.check(cookie, t.code(), more);
      expect(failed.status).toBe(500);
      expect(failed.body).toBe('{"code":"internal","type":"internal"}');
      vi.restoreAllMocks();
      expect(answerOf(await t.check(cookie, t.code(), more))).toBe('200');
      expect(answerOf(await t.check(cookie, t.code(), more))).toBe('unauthorized');
    },
  );

  test.each([
    [4, '200'],
    [5, 'unauthorized'],
  ])('after %i failed signatures a right code gets %s [R10]', async (count, answer) => {
    const t = setUp();
    const cookie = await t.open();
    breakSigner();
    const failed = [];
    for (let done = 0; done < count; done += 1) failed.push(await t.check(cookie, t.code()));
    expect(tally(failed)).toEqual({ internal: count });
    vi.restoreAllMocks();
    expect(answerOf(await t.check(cookie, t.code()))).toBe(answer);
  });
});
