import { afterEach, describe, expect, test, vi } from 'vitest';
import { EMAIL } from './testing/scenario.js';
import { answerOf, setUp, tally } from './testing/test-kit.js';

describe('R10', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each(['standalone', 'step-up'])(
    'R10 a signer that fails at a %s check uses nothing up',
    async (flow) => {
      const t = setUp();
      const more = flow === 'step-up' ? { challenge_token: t.challenge() } : {};
      const cookie = await t.open(flow === 'step-up' ? more : EMAIL);
      vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(new Error('the key is gone'));
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
  ])('R10 after %i signatures that failed the right code is answered %s', async (count, answer) => {
    const t = setUp();
    const cookie = await t.open();
    vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(new Error('the key is gone'));
    const failed = [];
    for (let done = 0; done < count; done += 1) failed.push(await t.check(cookie, t.code()));
    expect(tally(failed)).toEqual({ internal: count });
    vi.restoreAllMocks();
    expect(answerOf(await t.check(cookie, t.code()))).toBe(answer);
  });
});
