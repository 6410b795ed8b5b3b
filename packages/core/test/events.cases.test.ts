import { createTestSender, post } from '@otp/testing';
import {
  answerOf,
  createFakeProvider,
  EMAIL,
  failing,
  isDown,
  PHONE,
  refuses,
  replaceVerbs,
  type ScenarioOptions,
  setUp,
  type TestKit,
  UNLIMITED,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import type { OtpEvent, RequestFacts } from '../src/lib/events/events.js';
import { generateKeys } from '../src/lib/keys/generate-keys.js';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';

const ISSUER = 'https://issuer.example';
const NUMBER = { type: 'phone_number', value: PHONE.identifier.value } as const;
const ADDRESS = { type: 'email_address', value: EMAIL.identifier.value } as const;
const OTHER = { type: 'phone_number', value: '+33698765432' } as const;

/** Refers to recipient and user as a support desk does. */
function references({ service }: TestKit) {
  return {
    number: service.referenceOf(NUMBER),
    address: service.referenceOf(ADDRESS),
    user: service.referenceOf({ sub: 'user-1', iss: ISSUER }),
  };
}

/** The part of the newest event that says whom it concerns. */
function newestFacts({ events }: TestKit) {
  const { verification, flow, channel, country, loginConfigId, dispatchId, recipient, user } =
    events.at(-1) as RequestFacts;
  return { verification, flow, channel, country, loginConfigId, dispatchId, recipient, user };
}

function newestRefusal({ events }: TestKit) {
  const event = events.at(-1);
  return event?.type === 'refused' ? [event.code, event.reason ?? event.limit] : [event?.type];
}

/** The name of the verification that was opened last. */
function verificationOf({ events }: TestKit): string {
  const opened = events.findLast(({ type }) => type === 'message_sent' || type === 'decoy');
  return opened !== undefined && 'verification' in opened ? (opened.verification ?? '') : '';
}

describe('a refused check', () => {
  test('names verification, flow and recipient in the standalone flow [S20]', async () => {
    const t = setUp();
    const cookie = await t.open(PHONE);
    const facts = { verification: verificationOf(t), flow: 'standalone', channel: 'sms' };
    await t.check(cookie, t.wrongCode());
    expect(newestRefusal(t)).toEqual(['bad_check_code', undefined]);
    expect(newestFacts(t)).toEqual({ ...facts, country: 'FR', recipient: references(t).number });
  });

  test('names the recipient that the host looked up, also where a limit refuses [S20]', async () => {
    const t = setUp({
      findRecipient: () => NUMBER,
      limits: { ...UNLIMITED, userFailures: { max: 1, windowSeconds: 600 } },
    });
    const challenge_token = t.challenge({ identifier: undefined });
    const cookie = await t.open({ challenge_token });
    await t.check(cookie, t.wrongCode(), { challenge_token });
    await t.check(cookie, t.wrongCode(), { challenge_token });
    expect(newestRefusal(t).filter(Boolean).join(': ')).toBe('rate_limited: user');
    const { number: recipient, user } = references(t);
    expect(newestFacts(t)).toMatchObject({ channel: 'sms', country: 'FR', recipient, user });
  });

  type Refusal = readonly [string, ScenarioOptions, (t: TestKit, step: StepUp) => Promise<unknown>];
  interface StepUp {
    readonly cookie: string;
    readonly challenge_token: string;
  }
  const claims = { identifier: NUMBER };

  test.each<Refusal>([
    [
      'bad_check_code',
      {},
      (t, { cookie, challenge_token }) => t.check(cookie, t.wrongCode(), { challenge_token }),
    ],
    [
      'token_mismatch: session',
      {},
      (t, { cookie }) =>
        t.check(cookie, t.code(), { challenge_token: t.challenge({ ...claims, sid: 'other' }) }),
    ],
    [
      'token_mismatch: dpop',
      {},
      (t, { cookie }) =>
        t.check(cookie, t.code(), {
          challenge_token: t.challenge({ ...claims, cnf: { jkt: 'x'.repeat(43) } }),
        }),
    ],
    [
      'token_mismatch: verification',
      {},
      (t, { cookie }) => t.check(cookie, t.code(), { challenge_token: t.challenge(claims) }),
    ],
    [
      'rate_limited: user',
      { limits: { ...UNLIMITED, userFailures: { max: 1, windowSeconds: 600 } } },
      async (t, { cookie, challenge_token }) => {
        await t.check(cookie, t.wrongCode(), { challenge_token });
        await t.check(cookie, t.code(), { challenge_token });
      },
    ],
    [
      'unauthorized: not_live',
      {},
      async (t, { cookie, challenge_token }) => {
        await t.check(cookie, t.code(), { challenge_token });
        await t.check(cookie, t.code(), { challenge_token });
      },
    ],
  ])('names verification, flow, recipient and user: %s [S20]', async (refusal, options, check) => {
    const t = setUp({ ...options, session: () => 'session-1' });
    const challenge_token = t.challenge(claims);
    const cookie = await t.open({ challenge_token });
    await check(t, { cookie, challenge_token });
    expect(newestRefusal(t).filter(Boolean).join(': ')).toBe(refusal);
    expect(newestFacts(t)).toMatchObject({
      verification: verificationOf(t),
      flow: 'step-up',
      recipient: references(t).number,
      user: references(t).user,
    });
  });

  test.each([
    ['without the token of its verification', { code: '123456' }, 'step-up'],
    ['with a token that is invalid', { code: '123456', challenge_token: 'a.b.c' }, 'step-up'],
    ['with a code of letters', { code: 'abc' }, undefined],
    ['whose body is no JSON', '{', undefined],
  ])('names the verification %s [S20]', async (_, body, flow) => {
    const t = setUp();
    const cookie = await t.open({ challenge_token: t.challenge() });
    await t.exchange(post('/check', body, { cookie }));
    expect(t.events.at(-1)).toMatchObject({ type: 'refused', route: 'check' });
    expect(newestFacts(t)).toMatchObject({ verification: verificationOf(t), flow });
  });
});

describe('a request that is refused beside a live verification', () => {
  test('names what the verification says, not what the request claims [S20]', async () => {
    const t = setUp();
    const stepUp = await t.open({ challenge_token: t.challenge({ identifier: NUMBER }) });
    await t.check(stepUp, t.code());
    expect(newestRefusal(t)).toEqual(['bad_request', undefined]);
    const { number, address } = references(t);
    expect(newestFacts(t)).toMatchObject({ flow: 'step-up', channel: 'sms', recipient: number });

    const standalone = await t.open(EMAIL);
    await t.check(standalone, t.code(), { challenge_token: t.challenge() });
    expect(newestRefusal(t)).toEqual(['token_mismatch', 'verification']);
    expect(newestFacts(t)).toMatchObject({
      verification: verificationOf(t),
      flow: 'standalone',
      channel: 'email',
      recipient: address,
      user: references(t).user,
    });
  });

  test('names the verification of a retry that comes too early, without another call of the store', async () => {
    const t = setUp();
    await t.retry(await t.open(PHONE));
    expect(newestRefusal(t)).toEqual(['rate_limited', 'interval']);
    expect(newestFacts(t)).toMatchObject({ verification: verificationOf(t), flow: undefined });
  });

  test('is refused alike if the store cannot be read for its event [S01]', async () => {
    const read = () => Promise.reject(new Error('down'));
    const t = setUp({ store: replaceVerbs(createMemoryStore(), { read }) });
    const stepUp = await t.open({ challenge_token: t.challenge({ identifier: NUMBER }) });
    expect(answerOf(await t.check(stepUp, t.code()))).toBe('bad_request');
    expect(newestFacts(t)).toMatchObject({ flow: undefined, recipient: undefined });
  });
});

describe('a create that is refused before its policy', () => {
  test.each([
    ['an identifier that is none', { identifier: { ...NUMBER, value: '+1' } }, 'standalone', false],
    ['an unknown login config', { ...PHONE, login_config_id: 'x' }, 'standalone', true],
    ['a token that is none', { challenge_token: 'a.b.c' }, 'step-up', false],
    ['neither of both', {}, undefined, false],
  ])('names what is known: %s', async (_, body, flow, isNamed) => {
    const t = setUp();
    await t.create(body);
    expect(newestFacts(t)).toMatchObject({
      flow,
      recipient: isNamed ? references(t).number : undefined,
    });
  });
});

describe('limits that are reset', () => {
  test('name the recipient or the user', async () => {
    const t = setUp();
    const { number: recipient, user } = references(t);
    await t.service.resetLimits(NUMBER);
    await t.service.resetLimits({ sub: 'user-1', iss: ISSUER });
    expect(t.events.slice(-2)).toEqual([
      { type: 'limits_reset', recipient },
      { type: 'limits_reset', user },
    ]);
  });
});

describe('an unauthorized request', () => {
  const NAME = '__verification-login_app';

  test.each([
    ['no_handle', undefined],
    ['no_handle', 'other=1'],
    ['two_handles', `${NAME}=${'a'.repeat(43)}; ${NAME}=${'b'.repeat(43)}`],
    ['malformed', `${NAME}=short`],
    ['not_live', `${NAME}=${'a'.repeat(43)}`],
  ])('has the reason %s in its event alone: %s', async (reason, cookie) => {
    const t = setUp();
    for (const refused of [await t.retry(cookie), await t.check(cookie, '123456')]) {
      expect([refused.status, refused.body]).toEqual([
        401,
        JSON.stringify({
          code: 'unauthorized',
          type: 'unauthorized',
          message: 'There is no live verification for this request.',
        }),
      ]);
    }
    expect(t.events).toMatchObject([
      { type: 'refused', route: 'retry', code: 'unauthorized', reason },
      { type: 'refused', route: 'check', code: 'unauthorized', reason },
    ]);
  });
});

describe('the events of a create and its retry', () => {
  const DISPATCH = 'd3b07384-d9a0-4f7c-8d0b-1f2e3d4c5b6a';

  test('have what is known of the request', async () => {
    const { limits, ...kit } = { limits: UNLIMITED, retryIntervalSeconds: 0 };
    const t = setUp({ ...kit, limits, loginConfigs: { long: { channel: 'sms', codeLength: 8 } } });
    const members = { dispatch_id: DISPATCH, login_config_id: 'long' };
    const cookie = await t.open({ ...PHONE, ...members });
    const facts = {
      verification: expect.stringMatching(/^[\w-]{12}$/),
      flow: 'standalone',
      channel: 'sms',
      country: 'FR',
      loginConfigId: 'long',
      recipient: references(t).number,
      user: undefined,
    };
    expect(newestFacts(t)).toEqual({ ...facts, dispatchId: DISPATCH });
    await t.retry(cookie);
    expect(newestFacts(t)).toEqual({ ...facts, dispatchId: undefined });
  });

  test('name the user and the recipient that the host has looked up', async () => {
    const t = setUp({ findRecipient: () => NUMBER });
    await t.create({ challenge_token: t.challenge({ identifier: undefined }), identifier: OTHER });
    expect(newestRefusal(t)).toEqual(['token_mismatch', 'recipient']);
    const { number, user } = references(t);
    expect(newestFacts(t)).toMatchObject({ flow: 'step-up', recipient: number, user });
  });

  test.each([
    ['by a limit', {}],
    ['by the guard', { guard: () => 'block' }],
    ['because the store fails', { store: brokenStore() }],
  ] as const)('name a recipient that is refused %s, and no verification', async (_, options) => {
    const t = setUp(options);
    await t.create(EMAIL);
    await t.create(EMAIL);
    expect(newestFacts(t)).toMatchObject({
      verification: undefined,
      flow: 'standalone',
      channel: 'email',
      recipient: references(t).address,
    });
  });

  test('are the same for a decoy', async () => {
    const keys = generateKeys();
    const facts = async (verdict: 'allow' | 'block') => {
      const work: Promise<unknown>[] = [];
      const t = setUp({
        ...keys,
        guard: () => verdict,
        onBlock: 'silent',
        waitUntil: (each) => void work.push(each),
      });
      await t.create({ ...PHONE, dispatch_id: DISPATCH });
      await Promise.all(work);
      const { verification, ...rest } = newestFacts(t);
      return [verification?.length, rest];
    };
    expect(await facts('block')).toEqual(await facts('allow'));
  });

  test.each([
    '123456',
    '33612345678',
    '612-345-678',
    'a'.repeat(43),
    `${'a'.repeat(20)}.`.repeat(3),
  ])('leave out a dispatch id that could be private: %s [P01]', async (dispatch_id) => {
    const t = setUp();
    await t.open({ ...EMAIL, dispatch_id });
    expect(newestFacts(t).dispatchId).toBeUndefined();
    expect(t.sender.messages[0]?.dispatchId).toBe(dispatch_id);
  });

  test.each([
    [PHONE, 'sms:33612345678'],
    [PHONE, 'login-06.12.34.56.78'],
    [EMAIL, EMAIL.identifier.value.replace('@', '_at_').toUpperCase()],
    [EMAIL, `mail:${EMAIL.identifier.value.replace('@', '.')}`],
  ])(
    'leave out a dispatch id that has the recipient in it: %j %s [P01]',
    async (body, dispatch_id) => {
      const t = setUp();
      await t.open({ ...body, dispatch_id });
      expect(newestFacts(t).dispatchId).toBeUndefined();
      expect(t.sender.messages[0]?.dispatchId).toBe(dispatch_id);
    },
  );

  test('leave out a login config that is unknown, which could be anything [P01]', async () => {
    const t = setUp();
    await t.create({ ...EMAIL, login_config_id: NUMBER.value });
    expect(newestRefusal(t)).toEqual(['bad_request', undefined]);
    expect(JSON.stringify(t.events)).not.toContain(NUMBER.value);
  });
});

function brokenStore() {
  const open = () => Promise.reject(new Error('the store is down'));
  return replaceVerbs(createMemoryStore(), { open });
}

describe('one failure has one event', () => {
  const typesOf = (events: readonly OtpEvent[]) => events.map(({ type }) => type);
  const bySender = (act: Parameters<typeof createFakeProvider>[0]): ScenarioOptions => ({
    channels: { email: { sender: [createFakeProvider(act), createFakeProvider(act)] } },
  });

  test.each<[string, ScenarioOptions, string, OtpEvent['type'][]]>([
    ['the store', { store: brokenStore() }, 'internal', ['fault']],
    ['every sender', bySender(isDown), 'internal', ['send_failed', 'send_failed', 'fault']],
    ['the recipient', bySender(refuses), 'auth_blocked', ['send_failed', 'refused']],
    ['the guard', { guard: failing(new Error('no')) as never }, 'internal', ['fault']],
    [
      'the message',
      { channels: { email: { sender: createTestSender(), message: () => null as never } } },
      'internal',
      ['fault'],
    ],
  ])('%s', async (_, options, answer, types) => {
    const t = setUp(options);
    expect(answerOf(await t.create(EMAIL))).toBe(answer);
    expect(typesOf(t.events)).toEqual(types);
  });

  test('every sender, behind the response', async () => {
    const work: Promise<unknown>[] = [];
    const waitUntil = (each: Promise<unknown>) => void work.push(each);
    const t = setUp({ ...bySender(isDown), waitUntil });
    await t.open(EMAIL);
    await Promise.all(work);
    expect(t.events).toMatchObject([
      { type: 'send_failed' },
      { type: 'send_failed' },
      {
        type: 'fault',
        during: 'delivery',
        verification: expect.stringMatching(/./),
        recipient: references(t).address,
        error: { message: 'no sender accepted the message' },
      },
    ]);
  });

  test('a waitUntil that rejects', async () => {
    const t = setUp({ waitUntil: () => Promise.reject(new Error('no')) });
    await t.open(EMAIL);
    await t.service.close();
    expect(t.events).toMatchObject([
      { type: 'fault', during: 'waitUntil', recipient: references(t).address },
      { type: 'message_sent' },
    ]);
  });
});

describe('a refused consume', () => {
  const OWN = 'https://otp.example';
  const EXPECTED = { sub: 'user-1', sid: 'session-1', scope: 'transfer', iss: ISSUER } as const;

  async function setUpStepUp() {
    const t = setUp({ session: () => 'session-1' });
    const token = await t.verify({ challenge_token: t.challenge({ scope_requested: 'transfer' }) });
    return { t, token };
  }

  test.each([
    ['another user', { sub: 'user-2' }, 'user'],
    ['a user of another issuer', { iss: OWN }, 'user'],
    ['another session', { sid: 'session-2' }, 'session'],
    ['another scope', { scope: 'login' }, 'scope'],
    ['another grant mode', { grantMode: 'other' }, 'grant_mode'],
  ])('of %s names the user of the token, and the reason', async (_, change, reason) => {
    const { t, token } = await setUpStepUp();
    const { ok, code } = await t.service.consumeStepUp(token, { ...EXPECTED, ...change });
    expect([ok, code]).toEqual([false, 'token_mismatch']);
    expect(t.events.at(-1)).toEqual({
      type: 'refused',
      route: 'consumeStepUp',
      code: 'token_mismatch',
      reason,
      flow: 'step-up',
      user: references(t).user,
    });
  });

  test('of a token that is no token names the user that was expected', async () => {
    const t = setUp();
    await t.service.consumeStepUp('x', EXPECTED);
    expect(t.events).toEqual([
      {
        type: 'refused',
        route: 'consumeStepUp',
        code: 'invalid_challenge_token',
        flow: 'step-up',
        user: references(t).user,
      },
    ]);
  });

  test('of a token that was used has an event, and a success has none', async () => {
    const t = setUp();
    const token = await t.verify(PHONE);
    const before = t.events.length;
    await t.service.consumeSessionStart(token);
    expect(t.events).toHaveLength(before);
    await t.service.consumeSessionStart(token);
    expect(t.events.slice(before)).toEqual([
      {
        type: 'refused',
        route: 'consumeSessionStart',
        code: 'token_reused',
        flow: 'standalone',
        recipient: references(t).number,
      },
    ]);
  });

  test('of a step-up by consumeSessionStart has the reason', async () => {
    const { t, token } = await setUpStepUp();
    await t.service.consumeSessionStart(token);
    expect(newestRefusal(t)).toEqual(['token_mismatch', 'grant_mode']);
  });
});

describe('referenceOf', () => {
  const { service } = setUp();

  test('is one for every spelling of a recipient, and another for every other', () => {
    const spellings = ['user@example.com', 'user@EXAMPLE.com'];
    const all = spellings.map((value) => service.referenceOf({ type: 'email_address', value }));
    expect(new Set(all).size).toBe(1);
    expect(all[0]).toMatch(/^[\w-]{16}$/);
    const others = [OTHER, NUMBER, { sub: 'user@example.com' }, { sub: NUMBER.value }];
    expect(new Set([all[0], ...others.map((each) => service.referenceOf(each))]).size).toBe(5);
  });

  test.each([undefined, null, '+33612345678', 7])('are refused for %j by name', async (value) => {
    const { service } = setUp();
    const subject = value as unknown as { sub: string };
    expect(() => service.referenceOf(subject)).toThrow('referenceOf() needs a recipient');
    await expect(service.resetLimits(subject)).rejects.toThrow('resetLimits() needs a recipient');
  });

  test('is another for the user of another issuer, and for another service', () => {
    const own = service.referenceOf({ sub: 'user-1' });
    expect(service.referenceOf({ sub: 'user-1', iss: 'https://otp.example' })).toBe(own);
    expect(service.referenceOf({ sub: 'user-1', iss: ISSUER })).not.toBe(own);
    expect(setUp().service.referenceOf({ sub: 'user-1' })).not.toBe(own);
  });

  test('is no key under which the store counts', async () => {
    const t = setUp();
    const challenge_token = t.challenge({ identifier: NUMBER });
    const cookie = await t.open({ challenge_token });
    await t.check(cookie, t.wrongCode(), { challenge_token });
    const { number, user } = references(t);
    const calls = JSON.stringify(t.store.calls);
    for (const reference of [number, user]) expect(calls).not.toContain(reference);
  });

  test('refuses what is neither a recipient nor a user', () => {
    expect(() => service.referenceOf({ type: 'phone_number', value: '123' })).toThrow(TypeError);
    expect(() => service.referenceOf({ sub: '' })).toThrow('sub must be');
  });
});
