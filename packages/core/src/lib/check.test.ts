import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store.js';
import { cookieOf } from './testing/exchange.js';
import { interceptVerbs } from './testing/intercept-verbs.js';
import { EMAIL } from './testing/scenario.js';
import { answerOf, replaceVerbs, setUp } from './testing/test-kit.js';

describe('a check with the limits lifted', () => {
  it('counts its tries and asks the store for nothing else', async () => {
    const t = setUp({ dangerouslyDisableLimits: true });
    const cookie = cookieOf(await t.create(EMAIL));
    const before = t.store.calls.length;
    expect(answerOf(await t.check(cookie, t.wrongCode()))).toBe('bad_check_code');
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
    const verbs = t.store.calls.slice(before).map(({ verb }) => verb);
    expect(verbs).toEqual(['reserveCheck', 'reserveCheck', 'claim']);
  });

  it('still uses up its challenge', async () => {
    const t = setUp({ dangerouslyDisableLimits: true });
    const challenge_token = t.challenge();
    const cookies = [
      cookieOf(await t.create({ challenge_token })),
      cookieOf(await t.create({ challenge_token })),
    ];
    expect(answerOf(await t.check(cookies[1], t.code(), { challenge_token }))).toBe('200');
    const again = await t.check(cookies[0], t.wrongCode(), { challenge_token });
    expect(answerOf(again)).toBe('token_reused');
  });
});

describe('two right codes at once for one step-up', () => {
  it('answers the later one as if there were no verification any more, and not that a token was used', async () => {
    let overtake: (() => Promise<unknown>) | undefined;
    const store = interceptVerbs(createMemoryStore(), {
      before(verb) {
        if (verb !== 'charge') return;
        const other = overtake;
        overtake = undefined;
        return other?.();
      },
    });
    const t = setUp({ store });
    const challenge_token = t.challenge();
    const cookie = cookieOf(await t.create({ challenge_token }));
    const check = () => t.check(cookie, t.code(), { challenge_token });
    const overtaking: string[] = [];
    overtake = async () => overtaking.push(answerOf(await check()));
    expect(answerOf(await check())).toBe('unauthorized');
    expect(overtaking).toEqual(['200']);
  });
});

describe('a store that says no to claim in a way that is not its type', () => {
  it.each([{ ok: false }, 'no', [], 0])('%j: the check is refused', async (no) => {
    const claim = async () => no as unknown as boolean;
    const t = setUp({ store: replaceVerbs(createMemoryStore(), { claim }) });
    const cookie = cookieOf(await t.create(EMAIL));
    expect(answerOf(await t.check(cookie, t.code()))).toBe('unauthorized');
  });
});
