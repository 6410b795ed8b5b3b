import {
  cookieOf,
  createDpopKey,
  createTestClock,
  headerValues,
  post,
  signDpopProof,
} from '@otp/testing';
import {
  answerOf,
  decodePayload,
  EMAIL,
  interceptVerbs,
  PHONE,
  replaceVerbs,
  setUp,
  toOtpRequest,
} from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory-store/memory-store.js';

/** A kit that lets another request in before a call to the store. */
function setUpBetween() {
  const testClock = createTestClock();
  let before: ((verb: string) => unknown) | undefined;
  const store = interceptVerbs(createMemoryStore({ now: testClock.now }), {
    before: (verb) => before?.(verb),
  });
  const t = setUp({ testClock, store });
  return {
    ...t,
    /** Runs once, when a verb is called for the first time from now. */
    beforeNext(verb: string, run: () => unknown) {
      before = (each) => {
        if (each !== verb) return;
        before = undefined;
        return run();
      };
    },
  };
}

describe('a check', () => {
  it('whose challenge was done meanwhile by the same verification is unauthorized [R02]', async () => {
    const t = setUpBetween();
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    const check = () => t.check(cookie, t.code(), { challenge_token });
    let first: string | undefined;
    t.beforeNext('reserveCheck', async () => {
      first = answerOf(await check());
    });
    expect(answerOf(await check())).toBe('unauthorized');
    expect(first).toBe('200');
  });

  it('over the limit of its user reads the record, for the event, and no more', async () => {
    const t = setUp({ limits: { userFailures: { max: 1, windowSeconds: 3_600 } } });
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    const check = () => t.check(cookie, t.wrongCode(), { challenge_token });
    expect(answerOf(await check())).toBe('bad_check_code');
    const before = t.store.calls.length;
    expect(answerOf(await check())).toBe('rate_limited');
    const verbs = t.store.calls.slice(before).map(({ verb }) => verb);
    expect(verbs).toEqual(['reserveCheck', 'read']);
  });

  it('with the token of another app is a mismatch only while there is a live verification', async () => {
    const t = setUp();
    const cookie = await t.open({ challenge_token: t.challenge() });
    const challenge_token = t.challenge({ aud: 'other' });
    const check = () => t.check(cookie, t.code(), { challenge_token });
    expect(answerOf(await check())).toBe('token_mismatch');
    t.clock.advance(600);
    expect(answerOf(await check())).toBe('unauthorized');
  });

  it('of a bound challenge is a mismatch where nobody knows the URL that a proof has to name [J11]', async () => {
    const t = setUp();
    const key = createDpopKey();
    const challenge_token = t.challenge({ cnf: { jkt: key.jkt } });
    const cookie = await t.open({ challenge_token });
    const { jti } = decodePayload(challenge_token);
    const proof = signDpopProof(key, {
      htu: `${t.url}/check`,
      jti: String(jti),
      now: t.clock.now(),
    });
    const headers = [['dpop', proof]] as const;
    const request = post('/check', { code: t.code(), challenge_token }, { cookie, headers });
    const { url: _, ...unplaced } = toOtpRequest(request);
    const response = await t.service.handle(unplaced);
    expect(JSON.parse(response.body ?? '').code).toBe('token_mismatch');
    expect(answerOf(await t.exchange(request))).toBe('200');
  });

  it.each(['right', 'wrong'])(
    'with a %s code is internal, without attempts left, when its second call of the store fails',
    async (kind) => {
      const t = setUpBetween();
      const cookie = await t.open(PHONE);
      const code = kind === 'right' ? t.code() : t.wrongCode();
      t.beforeNext(kind === 'right' ? 'complete' : 'charge', () => {
        throw new Error('the store is down');
      });
      const failed = await t.check(cookie, code);
      expect([failed.status, failed.body]).toEqual([500, '{"code":"internal","type":"internal"}']);
      expect(headerValues(failed, 'set-cookie')).toEqual([]);
      expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
    },
  );

  it.each([
    ['standalone', false, ['reserveCheck', 'complete']],
    ['step-up', true, ['reserveCheck', 'complete']],
  ])('that is right waits for the store twice: %s', async (_, isStepUp, verbs) => {
    const t = setUp();
    const more = isStepUp ? { challenge_token: t.challenge() } : {};
    const cookie = await t.open(isStepUp ? more : PHONE);
    await t.service.drain();
    const before = t.store.calls.length;
    expect(answerOf(await t.check(cookie, t.code(), more))).toBe('200');
    expect(t.store.calls.slice(before).map(({ verb }) => verb)).toEqual(verbs);
  });

  it('that is right stays right when the store fails behind the claim, with a fault event', async () => {
    const testClock = createTestClock();
    const memory = createMemoryStore({ now: testClock.now });
    const store = replaceVerbs(memory, {
      async complete(...args) {
        const completed = await memory.complete(...args);
        const settled = Promise.reject(new Error('the store is down'));
        return completed.ok ? { ...completed, settled } : completed;
      },
    });
    const t = setUp({ testClock, store });
    const cookie = await t.open(PHONE);
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
    await t.service.drain();
    const faults = t.events.filter(({ type }) => type === 'fault');
    expect(faults).toMatchObject([{ during: 'check', error: { message: 'the store is down' } }]);
  });
});

describe('a check with the limits lifted', () => {
  it('counts its guesses and asks the store for nothing else', async () => {
    const t = setUp({ dangerouslyDisableLimits: true });
    const cookie = cookieOf(await t.create(EMAIL));
    const before = t.store.calls.length;
    expect(answerOf(await t.check(cookie, t.wrongCode()))).toBe('bad_check_code');
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
    const verbs = t.store.calls.slice(before).map(({ verb }) => verb);
    expect(verbs).toEqual(['reserveCheck', 'reserveCheck', 'complete']);
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
