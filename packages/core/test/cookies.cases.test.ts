import { cookieOf, createTestClock, headerValues, post } from '@otp/testing';
import { answerOf, EMAIL, PHONE, setUp, tally, times } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';

const NAME = '__verification-login_app';
const CLEARED = `${NAME}=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0`;

/** Bytes that count up, so that the cookie is known to the byte. */
const COUNTING = {
  bytes: (size: number) => Buffer.from(times(size, (index) => index)),
  int: () => 7,
};

describe('K01', () => {
  test('the cookie is the golden one, byte for byte, and there is one [K01]', async () => {
    const t = setUp({ randomness: COUNTING });
    const created = await t.create(EMAIL);
    const value = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
    expect(value).toHaveLength(43);
    expect(headerValues(created, 'set-cookie')).toEqual([
      `${NAME}=${value}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600`,
    ]);
    expect(t.code()).toBe('000007');
  });

  test.each([
    [{}, `${NAME}=`, 'SameSite=Lax'],
    [{ sameSite: 'Strict' }, `${NAME}=`, 'SameSite=Strict'],
    [{ sameSite: 'None' }, `${NAME}=`, 'SameSite=None'],
    [{ hostPrefix: true }, '__Host-verification-login_app=', 'SameSite=Lax'],
  ] as const)(
    'with the cookie options %j it starts with %s and has %s [K01]',
    async (cookie, start, sameSite) => {
      const t = setUp({ cookie });
      const [field = '', ...more] = headerValues(await t.create(EMAIL), 'set-cookie');
      expect(more).toEqual([]);
      expect(field.startsWith(start)).toBe(true);
      expect(field.slice(start.length)).toMatch(
        new RegExp(`^[A-Za-z0-9_-]{43}; Path=/; HttpOnly; Secure; ${sameSite}; Max-Age=600$`),
      );
    },
  );

  test('success, the last wrong code and every 401 to our cookie clear it [K01]', async () => {
    const t = setUp();
    const first = await t.open(EMAIL);
    const success = await t.check(first, t.code());
    expect(headerValues(success, 'set-cookie')).toEqual([CLEARED]);
    expect(headerValues(await t.check(first, t.code()), 'set-cookie')).toEqual([CLEARED]);
    expect(headerValues(await t.retry(first), 'set-cookie')).toEqual([CLEARED]);
    const second = await t.open(PHONE);
    const wrong = await Promise.all(times(5, () => t.check(second, t.wrongCode())));
    expect(wrong.map((response) => headerValues(response, 'set-cookie'))).toEqual([
      [],
      [],
      [],
      [],
      [CLEARED],
    ]);
    expect(headerValues(await t.check(undefined, '123456'), 'set-cookie')).toEqual([]);
    expect(headerValues(await t.retry('other=1'), 'set-cookie')).toEqual([]);
  });

  test('no other failure sets or clears a cookie [K01]', async () => {
    const t = setUp();
    const cookie = await t.open(EMAIL);
    const failures = [
      await t.create(EMAIL, { cookie }),
      await t.create({}, { cookie }),
      await t.retry(cookie),
      await t.check(cookie, 'x'),
      await t.check(cookie, t.wrongCode()),
      await t.check(cookie, t.code(), { challenge_token: t.challenge() }),
    ];
    expect(tally(failures)).toEqual({
      auth_blocked: 1,
      bad_request: 2,
      rate_limited: 1,
      bad_check_code: 1,
      token_mismatch: 1,
    });
    expect(failures.flatMap((response) => headerValues(response, 'set-cookie'))).toEqual([]);
  });
});

describe('K02', () => {
  test.each(['', 'a;b', 'a=b', 'a\r\nb', 'a b', 'a.b', 'é', 'x'.repeat(65)])(
    'CVE-2024-47764 a service does not start with the app id %j [K02]',
    (appId) => {
      expect(() => setUp({ appId })).toThrow(TypeError);
    },
  );
});

describe('K04', () => {
  test('two cookies of our name count as none, in both orders and in two fields [K04]', async () => {
    const t = setUp();
    const cookie = await t.open(EMAIL);
    const other = `${NAME}=${'B'.repeat(43)}`;
    await t.untouched(async () => {
      for (const both of [
        `${cookie}; ${other}`,
        `${other}; ${cookie}`,
        `${cookie};${other}`,
        `${cookie}; ${cookie}`,
        `${cookie}; ${NAME}=`,
        `${cookie}; ${NAME}="x"`,
      ]) {
        const response = await t.check(both, t.code());
        expect([both.length, answerOf(response)]).toEqual([both.length, 'unauthorized']);
        expect(headerValues(response, 'set-cookie')).toEqual([CLEARED]);
        expect(answerOf(await t.retry(both))).toBe('unauthorized');
      }
      for (const fields of [
        [cookie, other],
        [other, cookie],
      ]) {
        const headers = fields.map((value) => ['cookie', value] as const);
        const response = await t.exchange(post('/check', { code: t.code() }, { headers }));
        expect(answerOf(response)).toBe('unauthorized');
      }
    });
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
  });

  test('cookies whose names only look like ours do not disturb [K04]', async () => {
    const t = setUp();
    const cookie = await t.open(EMAIL);
    const others = [`x${NAME}=1`, `${NAME}x=1`, `__Host-${NAME.slice(2)}=1`, NAME, `a=${NAME}=1`];
    const field = `${others.join('; ')}; ${cookie}; z=1`;
    expect(answerOf(await t.check(field, t.code()))).toBe('200');
  });
});

describe('K05', () => {
  test('a value that is no token is unauthorized without asking the store [K05]', async () => {
    const t = setUp();
    const cookie = await t.open(EMAIL);
    const value = cookie.slice(NAME.length + 1);
    const bad = [
      '',
      value.slice(1),
      `${value}A`,
      `"${value}"`,
      `${value.slice(0, 40)}%00`,
      `%${value.slice(0, 42)}`,
      `${value.slice(0, 42)}=`,
      `${value.slice(0, 42)}.`,
      `${value.slice(0, 42)}+`,
      'A'.repeat(9 * 1024),
    ];
    await t.untouched(async () => {
      for (const each of bad) {
        const sent = `${NAME}=${each}`;
        expect([each, answerOf(await t.check(sent, t.code()))]).toEqual([each, 'unauthorized']);
        expect([each, answerOf(await t.retry(sent))]).toEqual([each, 'unauthorized']);
      }
    });
    expect(answerOf(await t.check(cookie, t.code()))).toBe('200');
  });
});

describe('K06', () => {
  test('the cookie of another app finds nothing, and both verifications stay [K06]', async () => {
    const clock = createTestClock();
    const one = setUp({ testClock: clock });
    const two = setUp({ testClock: clock, appId: 'two', store: one.store });
    const cookie = await one.open(EMAIL);
    const otherCookie = cookieOf(await two.create(EMAIL));
    const renamed = cookie.replace(NAME, '__verification-login_two');
    for (const sent of [cookie, renamed]) {
      expect(answerOf(await two.check(sent, one.code()))).toBe('unauthorized');
      expect(answerOf(await two.retry(sent))).toBe('unauthorized');
    }
    expect(answerOf(await one.check(cookie, one.code()))).toBe('200');
    expect(answerOf(await two.check(otherCookie, two.code()))).toBe('200');
  });

  test('the code of one verification does not open another, which is all that it costs [K06]', async () => {
    const t = setUp({ randomness: distinctCodes() });
    const one = await t.open(EMAIL);
    const codeOfOne = t.code();
    const two = await t.open(PHONE);
    const wrong = await t.check(two, codeOfOne);
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'bad_check_code', attempts_left: 4 });
    const last = await t.check(one, t.wrongCode().replace(/.$/, '9'));
    expect(JSON.parse(last.body)).toMatchObject({ attempts_left: 4 });
    expect(answerOf(await t.check(two, t.code()))).toBe('200');
    expect(answerOf(await t.check(one, codeOfOne))).toBe('200');
  });
});

describe('K07', () => {
  test('a cookie that was fixed before create is not adopted and never verifies [K07]', async () => {
    const t = setUp();
    const fixed = `${NAME}=${'F'.repeat(43)}`;
    const created = await t.create(EMAIL, { cookie: fixed });
    const own = cookieOf(created);
    expect(own).not.toBe(fixed);
    expect(answerOf(await t.check(fixed, t.code()))).toBe('unauthorized');
    expect(answerOf(await t.check(own, t.code()))).toBe('200');
  });

  test('the live verification of an attacker does not become the one of the victim [K07]', async () => {
    const t = setUp({ randomness: distinctCodes() });
    const attackers = await t.open(EMAIL);
    const created = await t.create(PHONE, { cookie: attackers });
    const victims = cookieOf(created);
    expect(victims).not.toBe(attackers);
    expect(answerOf(await t.check(attackers, t.code()))).toBe('bad_check_code');
    expect(answerOf(await t.check(victims, t.code()))).toBe('200');
    expect(answerOf(await t.check(attackers, t.code()))).toBe('bad_check_code');
  });

  test('a cookie that stays beside the new one, as under another path, opens nothing [K07]', async () => {
    const t = setUp();
    const fixed = `${NAME}=${'F'.repeat(43)}`;
    const own = cookieOf(await t.create(EMAIL, { cookie: fixed }));
    expect(answerOf(await t.check(`${fixed}; ${own}`, t.code()))).toBe('unauthorized');
    expect(answerOf(await t.check(own, t.code()))).toBe('200');
  });
});

/** Random bytes that differ, and codes that count up. */
function distinctCodes() {
  let next = 0;
  return {
    bytes: (size: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(size))),
    int: () => {
      next += 1;
      return next;
    },
  };
}
