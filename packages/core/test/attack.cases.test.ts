// What an attack from outside has found, each with the mend that it led to.
import { cookieOf } from '@otp/testing';
import {
  answerOf,
  challengeClaims,
  decodePayload,
  EMAIL,
  PHONE,
  replaceVerbs,
  setUp,
  signCompact,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import { verifyChallengeToken } from '../src/lib/challenge/challenge-token.js';
import { trustIssuer } from '../src/lib/challenge/issuer-keys.js';
import type { RecipientQuery } from '../src/lib/challenge/recipient.js';
import { describeError } from '../src/lib/events/redact.js';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';

const NAME = '__verification-login_app';
const STEP_UP = {
  sub: 'user-1',
  sid: 'session-1',
  scope: 'transfer',
  iss: 'https://issuer.example',
};
const step = (key: string, order = 1) => ({ order, key, done: false });
const steps = [step('verify_sms'), step('verify_email', 2)];

/** A challenge token of 4 KiB. */
function longest(t: ReturnType<typeof setUp>, claims = {}): string {
  for (let pad = 3000; pad > 0; pad -= 1) {
    const token = t.challenge({ ...claims, metadata: 'x'.repeat(pad) });
    if (token.length <= 4096) return token;
  }
  throw new Error('there is none');
}

describe('the answer to a challenge of 4 KiB', () => {
  async function answerTo(t: ReturnType<typeof setUp>, challenge_token: string): Promise<string> {
    const created = await t.create({ challenge_token });
    const checked = await t.check(cookieOf(created), t.code(), { challenge_token });
    expect(checked.status).toBe(200);
    return JSON.parse(checked.body).challenge_token;
  }

  test('is a longer token, which the host redeems [J04]', async () => {
    const t = setUp();
    const completed = await answerTo(t, longest(t));
    expect(completed.length).toBeGreaterThan(4096);
    expect(await t.service.consumeStepUp(completed, STEP_UP)).toMatchObject({ ok: true });
  });

  test('is a longer token, which is accepted at its next step [J04]', async () => {
    const t = setUp();
    const email = { ...step('verify_email', 2), identifier: EMAIL.identifier };
    const next = await answerTo(t, longest(t, { steps: [step('verify_sms'), email] }));
    expect(next.length).toBeGreaterThan(4096);
    const completed = await answerTo(t, next);
    expect(await t.service.consumeStepUp(completed, STEP_UP)).toMatchObject({ ok: true });
  });

  test('an order that JSON cannot express is invalid [J04]', async () => {
    const t = setUp();
    const claims = challengeClaims(t.issuer.issuer, t.clock.now());
    const payload = JSON.stringify(claims).replace('"order":1', '"order":1e400');
    const { kid, privateKey } = t.issuer;
    const challenge_token = signCompact({ alg: 'EdDSA', kid }, payload, privateKey);
    expect(answerOf(await t.create({ challenge_token }))).toBe('invalid_challenge_token');
  });
});

describe('ambiguous challenges', () => {
  test.each([
    ['a step twice', [step('verify_sms'), step('verify_sms', 2)]],
    ['a step called completed', [step('verify_sms'), step('completed', 2)]],
  ])('%s is invalid, and nothing is sent [J07]', async (_, each) => {
    const t = setUp();
    const response = await t.create({ challenge_token: t.challenge({ steps: each }) });
    expect(answerOf(response)).toBe('invalid_challenge_token');
    expect(t.sender.attempts).toBe(0);
  });

  test.each(['jti', 'sub', 'challenge_id'])(
    'a lone surrogate in %s is invalid [J04]',
    async (name) => {
      const t = setUp();
      const token = t.challenge({ [name]: `${'x'.repeat(16)}\ud800` });
      // JSON.stringify escapes it, so that it reaches the claims as it is.
      expect(decodePayload(token)[name]).toBe(`${'x'.repeat(16)}\ud800`);
      expect(answerOf(await t.create({ challenge_token: token }))).toBe('invalid_challenge_token');
    },
  );

  test.each([undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    'without a time (%s) nothing is verified [J05]',
    async (now) => {
      const t = setUp();
      const { issuer, jwk } = t.issuer;
      const options = {
        issuers: [trustIssuer({ issuer, jwks: { keys: [jwk] } })],
        audience: 'app',
      };
      const call = Reflect.apply(verifyChallengeToken, undefined, [
        t.challenge(),
        { ...options, now },
      ]);
      await expect(call).rejects.toThrow(
        new TypeError('now must be milliseconds since the epoch.'),
      );
    },
  );
});

describe('cookies', () => {
  test.each(['\u2000', '\u00a0', '\ufeff', '\u3000', '\v', '\f'])(
    'a name behind a space that is none (%j) is not ours [K04]',
    async (space) => {
      const t = setUp();
      const cookie = cookieOf(await t.create(EMAIL));
      const planted = await t.check(`${space}${cookie}`, t.code());
      expect(answerOf(planted)).toBe('unauthorized');
      const beside = `${space}${NAME}=x; \t${cookie} \t`;
      expect((await t.check(beside, t.code())).status).toBe(200);
    },
  );
});

describe('a message that is out has a code that works', () => {
  test('a store that cannot note the channel costs a fault event and no more [S01]', async () => {
    const store = createMemoryStore();
    const t = setUp({
      store: replaceVerbs(store, {
        recordSend: (id, send, sent) =>
          sent.channel === undefined
            ? store.recordSend(id, send, sent)
            : Promise.reject(new Error('down')),
      }),
      channels: { sms: { sender: { send: send('whatsapp') }, countries: 'ALL' } },
    });
    const created = await t.create(PHONE);
    expect(created.status).toBe(204);
    expect(t.events.filter(({ type }) => type === 'fault')).toHaveLength(1);
    expect((await t.check(cookieOf(created), sent.at(-1) ?? '')).status).toBe(200);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('a waitUntil that %s changes no answer [S12]', async (_, waitUntil) => {
    const t = setUp({ waitUntil });
    const created = await t.create(PHONE);
    expect(created.status).toBe(204);
    await t.service.close();
    expect(t.events).toContainEqual(expect.objectContaining({ during: 'waitUntil' }));
    expect((await t.check(cookieOf(created), t.code())).status).toBe(200);
  });

  test.each([{}, 'fax', 7])(
    'a sender that names no channel (%j) has used the planned one [S12]',
    async (channel) => {
      const t = setUp({
        channels: { sms: { sender: { send: send(channel) }, countries: 'ALL' } },
      });
      expect((await t.create(PHONE)).status).toBe(204);
      expect(t.events).toContainEqual(
        expect.objectContaining({ type: 'message_sent', channel: 'sms' }),
      );
      const recorded = t.store.calls.filter(({ verb }) => verb === 'recordSend');
      expect(JSON.stringify(recorded)).not.toContain('channel');
    },
  );
});

const sent: string[] = [];
const send = (channel: unknown) => async (message: { code: string }) => {
  sent.push(message.code);
  return { channel } as { channel: 'whatsapp' };
};

class Hostile extends Error {
  override get message(): string {
    throw new Error('no message');
  }
  override get name(): string {
    throw new Error('no name');
  }
}

describe('whatever is thrown', () => {
  test('an error whose properties throw is answered 500, and undone like any other [B09]', async () => {
    const t = setUp();
    t.sender.fail(new Hostile());
    expect(answerOf(await t.create(PHONE))).toBe('internal');
    expect(t.store.calls.map(({ verb }) => verb)).toContain('cancel');
    const guarded = setUp({
      guard: () => {
        throw new Hostile();
      },
    });
    expect(answerOf(await guarded.create(PHONE))).toBe('internal');
  });

  test.each(['::1', '+1 (202) 555-0123', '8.8.8.8', '2001:db8::7'])(
    '%s does not reach an event [P01]',
    (text) => {
      const { message } = describeError(new Error(`from ${text}, refused`));
      expect(message).toBe('from [redacted], refused');
    },
  );
});

describe('records', () => {
  test.each([null, undefined, 7, {}])(
    'a sealed part that is %j is unauthorized [S07]',
    async (sealed) => {
      const store = createMemoryStore();
      const t = setUp({
        store: replaceVerbs(store, {
          reserveCheck: async (...args: Parameters<typeof store.reserveCheck>) => {
            const answer = await store.reserveCheck(...args);
            return Object.assign(answer, answer.ok && { record: { ...answer.record, sealed } });
          },
        }),
      });
      const cookie = cookieOf(await t.create(EMAIL));
      const checked = await t.check(cookie, t.code());
      expect(answerOf(checked)).toBe('unauthorized');
      expect(t.events).toContainEqual(
        expect.objectContaining({ type: 'refused', reason: 'record_corrupt' }),
      );
    },
  );
});

describe('identifiers', () => {
  test.each(['a@127.0.0.0x1', 'a@0x7f.0x1', 'a@1.0x'])(
    '%s, which resolvers read as an IP address, is a bad request [I02]',
    async (value) => {
      const t = setUp();
      const response = await t.create({ identifier: { type: 'email_address', value } });
      expect(answerOf(response)).toBe('bad_request');
    },
  );
});

describe('users of another issuer', () => {
  const OURS = 'https://otp.example';
  const asked: object[] = [];
  const findRecipient = ({ type, ...user }: RecipientQuery) => {
    asked.push(user);
    const value = type === 'email_address' ? 'user@example.com' : '+33612345678';
    return { type, value };
  };

  async function doStep(t: ReturnType<typeof setUp>, challenge_token: string): Promise<string> {
    const cookie = cookieOf(await t.create({ challenge_token }));
    const checked = await t.check(cookie, t.code(), { challenge_token });
    return JSON.parse(checked.body).challenge_token;
  }

  test('stay its users after a step, for the host that looks them up and that takes the token [J07]', async () => {
    const t = setUp({ findRecipient });
    asked.length = 0;
    const first = t.challenge({ steps, challenge_iss: OURS });
    const completed = await doStep(t, await doStep(t, first));
    const user = { iss: t.issuer.issuer, sub: 'user-1' };
    expect(asked).toEqual([user, user]);
    expect(decodePayload(completed)).toMatchObject({ iss: OURS, challenge_iss: t.issuer.issuer });
    const take = (iss: string) => t.service.consumeStepUp(completed, { ...STEP_UP, iss });
    expect(await take(OURS)).toMatchObject({ ok: false, code: 'token_mismatch' });
    expect(await take(t.issuer.issuer)).toMatchObject({ ok: true });
  });

  test('have one budget of wrong codes over all steps [R04]', async () => {
    const userFailures = { max: 3, windowSeconds: 86_400 };
    const t = setUp({ findRecipient, limits: { userFailures }, retryIntervalSeconds: 0 });
    const wrong = async (challenge_token: string, cookie: string) =>
      answerOf(await t.check(cookie, t.wrongCode(), { challenge_token }));
    const second = await doStep(t, t.challenge({ steps }));
    const other = t.challenge({ steps });
    const otherCookie = cookieOf(await t.create({ challenge_token: other }));
    expect(await wrong(other, otherCookie)).toBe('bad_check_code');
    expect(await wrong(other, otherCookie)).toBe('bad_check_code');
    const cookie = cookieOf(await t.create({ challenge_token: second }));
    expect(await wrong(second, cookie)).toBe('bad_check_code');
    expect(await wrong(second, cookie)).toBe('rate_limited');
  });

  test('are ours where we have issued the challenge [J07]', async () => {
    const t = setUp({ findRecipient });
    asked.length = 0;
    const challenge = { sub: 'user-1', sid: 'session-1', steps: ['verify_sms', 'verify_email'] };
    const token = await t.service.issueChallengeToken(challenge);
    const completed = await doStep(t, await doStep(t, token));
    const user = { iss: OURS, sub: 'user-1' };
    expect(asked).toEqual([user, user]);
    expect(decodePayload(completed)).not.toHaveProperty('challenge_iss');
    const expected = { sub: 'user-1', sid: 'session-1', scope: null };
    expect(await t.service.consumeStepUp(completed, expected)).toMatchObject({ ok: true });
  });
});

describe('smaller finds', () => {
  test('an adapter whose look at the headers fails is 500 with origins too [B09]', async () => {
    const t = setUp({ origins: ['https://app.example.com'] });
    const header = () => {
      throw new Error('no headers');
    };
    const response = await t.service.handle({ method: 'POST', path: '/', header, body: '{}' });
    expect([response.status, response.body]).toEqual([
      500,
      JSON.stringify({ code: 'internal', type: 'internal' }),
    ]);
  });

  test.each(['', 'x'.repeat(513), 'x\ud800'])(
    'a challenge whose next step is %j is refused unsent: its answer could not be shown [J04]',
    async (key) => {
      const t = setUp();
      const each = [step('verify_sms'), step(key, 2)];
      const response = await t.create({ challenge_token: t.challenge({ steps: each }) });
      expect(answerOf(response)).toBe('invalid_challenge_token');
      expect(t.sender.attempts).toBe(0);
    },
  );

  test('a name with a lone surrogate is refused where it is issued [J04]', async () => {
    const { service } = setUp();
    const challenge = { sub: 'u\ud800', steps: ['verify_sms'] };
    await expect(service.issueChallengeToken(challenge)).rejects.toThrow(
      'challenge.sub must be a string',
    );
  });

  test('a limit stays as it was checked, whatever becomes of the host’s own list [R04]', async () => {
    const recipient = [{ max: 1, windowSeconds: 3600 }];
    const t = setUp({ limits: { standalone: { recipient } }, retryIntervalSeconds: 0 });
    recipient.length = 0;
    expect(answerOf(await t.create(EMAIL))).toBe('204');
    expect(answerOf(await t.create(EMAIL))).toBe('auth_blocked');
  });

  test('dots and the older domain make no other mailbox at Gmail [R04]', async () => {
    const t = setUp();
    const to = (value: string) => t.create({ identifier: { type: 'email_address', value } });
    expect(answerOf(await to('ada.lovelace@gmail.com'))).toBe('204');
    expect(answerOf(await to('a.d.a.lovelace+otp@googlemail.com'))).toBe('auth_blocked');
    expect(answerOf(await to('ada.lovelace@example.com'))).toBe('204');
    expect(answerOf(await to('adalovelace@example.com'))).toBe('204');
    expect(t.sender.messages[0]?.to).toBe('ada.lovelace@gmail.com');
  });
});
