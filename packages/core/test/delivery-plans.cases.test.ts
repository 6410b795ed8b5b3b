import { cookieOf } from '@otp/testing';
import {
  accepts,
  answerOf,
  createFakeProvider,
  createFrom,
  EMAIL,
  email,
  failing,
  hangs,
  isCut,
  isDown,
  PHONE,
  phone,
  refuses,
  setUp,
  type TestKit,
  times,
  UNLIMITED,
} from '@otp/testing/internal';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChannelOptions } from '../src/lib/channels/channels.js';
import type { OtpEvent } from '../src/lib/events/events.js';
import { SendError } from '../src/lib/ports.js';

function setUpPlan(options: ChannelOptions): TestKit {
  return setUp({ channels: { email: options }, limits: UNLIMITED });
}

const typesOf = (events: readonly OtpEvent[]) => events.map(({ type }) => type);
const breakerEvents = (t: TestKit) => t.events.filter(({ type }) => type === 'breaker');
const someone = (index: number) => email(`user${index}@example.com`);

/** A create for the recipient of that number by a client of its own. */
const createBy = (t: TestKit, index: number) =>
  createFrom(t, `198.51.100.${index}`, someone(index));

/** Five numbers with this start, each with the address of its owner. */
const numbersOf = (start: string) =>
  times(5, (index) => ({ address: `198.51.100.${index}`, body: phone(`${start}${index}`) }));

describe('a delivery plan with several senders', () => {
  test.each([
    ['is unavailable', isDown],
    ['throws', failing(new Error('ECONNREFUSED'))],
    ['rejects with a string', failing('no')],
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
    ['has an unknown outcome', isCut],
  ])('when the first sender %s, the second gets the same code [S10, S12]', async (_, act) => {
    const [first, second] = [createFakeProvider(act), createFakeProvider()];
    const t = setUpPlan({ sender: [first, second] });
    const created = await t.create(EMAIL);
    expect(created.status).toBe(204);
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
    const [refused, sent] = [first.asked[0], second.asked[0]];
    expect(sent?.code).toBe(refused?.code);
    expect(sent?.content).toEqual(refused?.content);
    expect(sent?.idempotencyKey).toBe(refused?.idempotencyKey);
    expect(t.events).toMatchObject([
      { type: 'send_failed', sender: 'channels.email.sender[0]' },
      { type: 'message_sent', sender: 'channels.email.sender[1]', outcome: 'accepted' },
    ]);
    expect(answerOf(await t.check(cookieOf(created), sent?.code ?? ''))).toBe('200');
  });

  test('tries the next sender only after a failure', async () => {
    const [first, second] = [createFakeProvider(), createFakeProvider()];
    const t = setUpPlan({ sender: [first, second] });
    await t.open(EMAIL);
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
  });

  test('a rejected recipient is not tried with the next sender [S13]', async () => {
    const [first, second] = [createFakeProvider(refuses), createFakeProvider()];
    const t = setUpPlan({ sender: [first, second] });
    expect(answerOf(await t.create(EMAIL))).toBe('auth_blocked');
    expect(second.asked).toEqual([]);
    expect(t.store.stored.size).toBe(0);
  });

  test('many creates and retries over failing senders have one code each [R04]', async () => {
    const senders = [createFakeProvider(isDown), createFakeProvider(isCut), createFakeProvider()];
    const t = setUpPlan({ sender: senders });
    const cookies = await Promise.all(times(20, (index) => t.open(someone(index))));
    t.clock.advance(30);
    await Promise.all(cookies.map((cookie) => t.retry(cookie)));
    const codes = new Map<string, Set<string>>();
    for (const { to, code } of senders.flatMap(({ asked }) => asked)) {
      codes.set(to, (codes.get(to) ?? new Set()).add(code));
    }
    expect(codes.size).toBe(20);
    expect([...codes.values()].map(({ size }) => size)).toEqual(times(20, () => 1));
  });
});

describe('a sender that hangs', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => void vi.useRealTimers());

  test('gives way after 3 s to the second, which gets the same code [S10]', async () => {
    const [first, second] = [createFakeProvider(hangs), createFakeProvider()];
    const t = setUpPlan({ sender: [first, second] });
    const creating = t.create(EMAIL);
    await vi.advanceTimersByTimeAsync(2_999);
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(1);
    const created = await creating;
    expect(created.status).toBe(204);
    expect(first.asked[0]?.signal.aborted).toBe(true);
    expect(second.asked[0]?.code).toBe(first.asked[0]?.code);
    expect(second.asked[0]?.signal.aborted).toBe(false);
    expect(typesOf(t.events)).toEqual(['send_failed', 'message_sent']);
  });

  test.each([1, 2, 3, 6])(
    'of %i senders that all hang, each is tried, all within 6 s [S10, S12]',
    async (count) => {
      const senders = times(count, () => createFakeProvider(hangs));
      const t = setUpPlan({ sender: senders });
      let answer: string | undefined;
      void t.create(EMAIL).then((created) => {
        answer = answerOf(created);
      });
      await vi.advanceTimersByTimeAsync(5_990);
      expect(senders.map(({ asked }) => asked.length)).toEqual(times(count, () => 1));
      await vi.advanceTimersByTimeAsync(10);
      expect(answer).toBe('204');
      expect(t.store.stored.size).toBe(1);
    },
  );

  test('leaves its unused time to the next [S10]', async () => {
    const t = setUpPlan({ sender: [createFakeProvider(isDown), createFakeProvider(hangs)] });
    let answer: string | undefined;
    void t.create(EMAIL).then((created) => {
      answer = answerOf(created);
    });
    await vi.advanceTimersByTimeAsync(5_990);
    expect(answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10);
    expect(answer).toBe('204');
  });

  test('opens its breaker, after which the second is tried at once [S13]', async () => {
    const [first, second] = [createFakeProvider(hangs), createFakeProvider()];
    const t = setUpPlan({ sender: [first, second] });
    for (let index = 0; index < 5; index += 1) {
      const creating = createBy(t, index);
      await vi.advanceTimersByTimeAsync(3_000);
      expect((await creating).status).toBe(204);
    }
    expect(breakerEvents(t)).toEqual([
      { type: 'breaker', sender: 'channels.email.sender[0]', state: 'open' },
    ]);
    expect((await t.create(someone(5))).status).toBe(204);
    expect([first.asked.length, second.asked.length]).toEqual([5, 6]);
  });
});

describe('the breaker of a sender', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  test('opens after five consecutive failures for 30 s, and one probe closes it [S13]', async () => {
    const [first, second] = [createFakeProvider(isDown), createFakeProvider()];
    const t = setUpPlan({ sender: [first, second] });
    for (let index = 0; index < 8; index += 1) await createBy(t, index);
    expect([first.asked.length, second.asked.length]).toEqual([5, 8]);
    vi.advanceTimersByTime(29_999);
    await t.open(someone(8));
    expect(first.asked).toHaveLength(5);
    first.act = accepts;
    vi.advanceTimersByTime(1);
    for (let index = 9; index < 12; index += 1) await t.open(someone(index));
    expect([first.asked.length, second.asked.length]).toEqual([8, 9]);
    expect(breakerEvents(t)).toMatchObject([{ state: 'open' }, { state: 'closed' }]);
  });

  test('lets one probe through while other messages go to the next sender [S13]', async () => {
    const [first, second] = [createFakeProvider(isDown), createFakeProvider()];
    const t = setUpPlan({ sender: [first, second] });
    for (let index = 0; index < 5; index += 1) await createBy(t, index);
    vi.advanceTimersByTime(30_000);
    let answer = () => {};
    first.act = () =>
      new Promise((resolve) => {
        answer = () => resolve(undefined);
      });
    const probe = t.create(someone(5));
    await vi.waitFor(() => expect(first.asked).toHaveLength(6));
    await Promise.all(times(10, (index) => t.open(someone(6 + index))));
    expect([first.asked.length, second.asked.length]).toEqual([6, 15]);
    answer();
    expect((await probe).status).toBe(204);
    first.act = accepts;
    await t.open(someone(16));
    expect(first.asked).toHaveLength(7);
  });

  test.each([
    ['a rejected recipient', refuses],
    [
      'a message that the provider does not serve',
      failing(new SendError('unavailable', 'not served', { countsForBreaker: false })),
    ],
    [
      'a lost reply that the sender does not blame on the provider',
      failing(new SendError('unknown', 'odd', { countsForBreaker: false })),
    ],
    [
      'the same from another copy of this package',
      failing(Object.assign(new Error('x'), { name: 'SendError', countsForBreaker: false })),
    ],
  ])('does not count %s [S13]', async (_, act) => {
    const sender = createFakeProvider(act);
    const t = setUpPlan({ sender });
    for (let index = 0; index < 20; index += 1) await createBy(t, index);
    expect(sender.asked).toHaveLength(20);
    expect(breakerEvents(t)).toEqual([]);
  });

  test('does not count a message function that throws [S13]', async () => {
    const sender = createFakeProvider();
    let isBroken = true;
    const message = () => {
      if (isBroken) throw new Error('no template');
      return { text: 'text' };
    };
    const t = setUpPlan({ sender, message });
    for (let index = 0; index < 10; index += 1) {
      expect(answerOf(await createBy(t, index))).toBe('internal');
    }
    expect(typesOf(t.events)).toEqual(Array(10).fill('fault'));
    isBroken = false;
    expect(answerOf(await t.create(EMAIL))).toBe('204');
  });

  test('belongs to the sender, for all its channels and login configs [S13]', async () => {
    const sender = createFakeProvider(isDown);
    const channel = { sender, countries: 'ALL' } as const;
    const t = setUp({
      channels: { sms: channel, whatsapp: { ...channel, sender: [sender] } },
      loginConfigs: { chat: { channel: 'whatsapp' }, own: { channel: 'sms', sender } },
      limits: UNLIMITED,
    });
    for (const number of numbersOf('+3361234567')) await createFrom(t, number.address, number.body);
    await t.create(PHONE);
    await t.create({ ...PHONE, login_config_id: 'chat' });
    await t.create({ ...PHONE, login_config_id: 'own' });
    expect(sender.asked).toHaveLength(5);
    expect(breakerEvents(t)).toEqual([
      { type: 'breaker', sender: 'channels.sms.sender', country: 'FR', state: 'open' },
    ]);
  });

  test('does not depend on the wall clock [S13]', async () => {
    const first = createFakeProvider(isDown);
    const t = setUpPlan({ sender: [first, createFakeProvider()] });
    for (let index = 0; index < 5; index += 1) await createBy(t, index);
    t.clock.advance(-3_600);
    vi.advanceTimersByTime(30_000);
    await t.open(email('another@example.com'));
    expect(first.asked).toHaveLength(6);
  });

  test('is a separate one in each service [S13]', async () => {
    const sender = createFakeProvider(isDown);
    const [t, other] = [setUpPlan({ sender }), setUpPlan({ sender })];
    for (let index = 0; index < 6; index += 1) await createBy(t, index);
    await other.create(EMAIL);
    expect(sender.asked).toHaveLength(6);
  });
});

describe('a sender that throws plain errors', () => {
  const STRANGER = '203.0.113.66';
  const NOT_SERVED = '+3361234567';
  const OWNER = phone('+33612345699');

  /** A provider that does not serve some French numbers. */
  function setUpUnserved() {
    const sender = createFakeProvider(async ({ to }) => {
      if (to.startsWith(NOT_SERVED)) throw new Error('not served');
    });
    return setUp({ channels: { sms: { sender, countries: 'ALL' } }, limits: UNLIMITED });
  }

  test('serves others after failures of one client [S13, S15]', async () => {
    const t = setUpUnserved();
    for (const { body } of [...numbersOf(NOT_SERVED), ...numbersOf(NOT_SERVED)])
      expect(answerOf(await createFrom(t, STRANGER, body))).toBe('internal');
    expect(answerOf(await t.create(OWNER))).toBe('204');
    expect(breakerEvents(t)).toEqual([]);
  });

  test('serves others after failures of one IPv6 site [S15]', async () => {
    const t = setUpUnserved();
    for (const [index, { body }] of numbersOf(NOT_SERVED).entries())
      expect(answerOf(await createFrom(t, `2001:db8:7:${index}::1`, body))).toBe('internal');
    expect(answerOf(await t.create(OWNER))).toBe('204');
  });

  test('serves others after failures for one mailbox [S15]', async () => {
    const sender = createFakeProvider(async ({ to }) => {
      if (to.startsWith('full')) throw new Error('mailbox full');
    });
    const t = setUpPlan({ sender });
    for (let index = 0; index < 9; index += 1)
      await createFrom(t, `198.51.100.${index}`, email(`full+${index}@example.com`));
    expect(answerOf(await t.create(EMAIL))).toBe('204');
  });

  test('serves other countries after failures of several clients for one [S13, S15]', async () => {
    const t = setUpUnserved();
    for (const { address, body } of numbersOf(NOT_SERVED)) await createFrom(t, address, body);
    expect(answerOf(await t.create(OWNER))).toBe('internal');
    expect(answerOf(await t.create(phone('+447400123456')))).toBe('204');
  });
});

describe('the flows of a login config', () => {
  const UNSUITED = 'login_config_id: does not suit the flow and the recipient';

  /** Step-ups have codes of ten digits. */
  function setUpFlows() {
    const sender = createFakeProvider();
    const t = setUp({
      channels: { sms: { sender, countries: 'ALL', codeLength: 10 } },
      loginConfigs: {
        short: { channel: 'sms', codeLength: 6 },
        both: { channel: 'sms', codeLength: 8, flows: ['standalone', 'step-up'] },
        stepUp: { channel: 'sms', flows: ['step-up'] },
      },
      limits: UNLIMITED,
      retryIntervalSeconds: 0,
    });
    const create = (login_config_id: string, isStepUp: boolean) =>
      t.create({ ...(isStepUp ? { challenge_token: t.challenge() } : PHONE), login_config_id });
    return { t, sender, create };
  }

  test.each([
    ['short', true],
    ['stepUp', false],
  ])('%s is refused where the other flow asks for it (step-up: %s)', async (id, isStepUp) => {
    const { t, create } = setUpFlows();
    const refused = await create(id, isStepUp);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'bad_request', message: UNSUITED });
    t.assertEffects({ stored: 0, sent: 0 });
  });

  test.each([
    ['short', false, 6],
    ['both', false, 8],
    ['both', true, 8],
    ['stepUp', true, 10],
  ])('%s is used in its flows (step-up: %s)', async (id, isStepUp, length) => {
    const { sender, create } = setUpFlows();
    expect((await create(id, isStepUp)).status).toBe(204);
    expect(sender.asked[0]?.code).toHaveLength(length);
  });

  test('a challenge token that is not valid is refused before a config that does not suit', async () => {
    const { t } = setUpFlows();
    const body = { challenge_token: 'x', login_config_id: 'short' };
    expect(answerOf(await t.create(body))).toBe('invalid_challenge_token');
  });
});

describe('senders by country', () => {
  const FRANCE = phone('+33612345678');
  const GERMANY = phone('+4915112345678');

  test('replace the others for numbers of the country, in retries too', async () => {
    const [usual, french] = [createFakeProvider(), createFakeProvider()];
    const t = setUp({
      channels: { sms: { sender: usual, sendersByCountry: { FR: [french] }, countries: 'ALL' } },
    });
    const cookie = await t.open(FRANCE);
    await t.open(GERMANY);
    t.clock.advance(30);
    expect(answerOf(await t.retry(cookie))).toBe('204');
    expect(french.asked.map(({ to }) => to)).toEqual(['+33612345678', '+33612345678']);
    expect(usual.asked.map(({ to }) => to)).toEqual(['+4915112345678']);
    expect(t.events).toMatchObject([
      { sender: 'channels.sms.sendersByCountry.FR[0]', country: 'FR', send: 1 },
      { sender: 'channels.sms.sender', country: 'DE' },
      { sender: 'channels.sms.sendersByCountry.FR[0]', country: 'FR', send: 2 },
    ]);
  });

  test('give way to a login config with a sender of its own', async () => {
    const [usual, french, own] = [createFakeProvider(), createFakeProvider(), createFakeProvider()];
    const t = setUp({
      channels: { sms: { sender: usual, sendersByCountry: { FR: french }, countries: 'ALL' } },
      loginConfigs: {
        own: { channel: 'sms', sender: own },
        inherited: { channel: 'sms', codeLength: 8 },
      },
      limits: UNLIMITED,
      retryIntervalSeconds: 0,
    });
    await t.open({ ...FRANCE, login_config_id: 'own' });
    await t.open({ ...FRANCE, login_config_id: 'inherited' });
    expect([usual, french, own].map(({ asked }) => asked.length)).toEqual([0, 1, 1]);
  });
});

describe('a retry channel', () => {
  function setUpRetries(countries: ChannelOptions['countries'] = 'ALL') {
    const [sms, whatsapp] = [createFakeProvider(), createFakeProvider()];
    const t = setUp({
      channels: {
        sms: { sender: sms, countries: 'ALL', retryChannel: 'whatsapp' },
        whatsapp: {
          sender: whatsapp,
          countries,
          message: ({ code }) => ({ text: `${code} by WhatsApp` }),
        },
      },
      retryIntervalSeconds: 0,
    });
    return { t, sms, whatsapp };
  }

  async function amrOf(t: TestKit, cookie: string, code = ''): Promise<unknown> {
    const checked = await t.check(cookie, code);
    expect(checked.status).toBe(200);
    const [, payload = ''] = JSON.parse(checked.body).challenge_token.split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString()).amr;
  }

  test('takes every other message, with the same code and its own text', async () => {
    const { t, sms, whatsapp } = setUpRetries();
    const cookie = await t.open(PHONE);
    for (let count = 0; count < 4; count += 1) {
      expect(answerOf(await t.retry(cookie))).toBe('204');
    }
    expect(sms.asked.map(({ send }) => send)).toEqual([1, 3, 5]);
    expect(whatsapp.asked.map(({ send }) => send)).toEqual([2, 4]);
    const code = sms.asked[0]?.code;
    expect(new Set([...sms.asked, ...whatsapp.asked].map((each) => each.code))).toEqual(
      new Set([code]),
    );
    expect(whatsapp.asked[0]).toMatchObject({
      channel: 'whatsapp',
      content: { text: `${code} by WhatsApp` },
    });
    expect(await amrOf(t, cookie, code)).toEqual(['otp', 'sms']);
  });

  test('is named by the token when it was used last', async () => {
    const { t, sms } = setUpRetries();
    const cookie = await t.open(PHONE);
    await t.retry(cookie);
    expect(await amrOf(t, cookie, sms.asked[0]?.code)).toEqual(['otp']);
  });

  test.each([
    ['is down', isDown],
    ['rejects the recipient', refuses],
  ])('that %s leaves the retry to the channel itself [S10]', async (_, act) => {
    const { t, sms, whatsapp } = setUpRetries();
    whatsapp.act = act;
    const cookie = await t.open(PHONE);
    expect(answerOf(await t.retry(cookie))).toBe('204');
    expect(sms.asked.map(({ send }) => send)).toEqual([1, 2]);
    expect(whatsapp.asked[0]?.idempotencyKey).not.toBe(sms.asked[1]?.idempotencyKey);
    expect(await amrOf(t, cookie, sms.asked[0]?.code)).toEqual(['otp', 'sms']);
  });

  test('is not used in countries that it does not serve', async () => {
    const { t, sms, whatsapp } = setUpRetries(['BR']);
    const cookie = await t.open(PHONE);
    expect(answerOf(await t.retry(cookie))).toBe('204');
    expect([sms.asked.length, whatsapp.asked.length]).toEqual([2, 0]);
  });

  test('a retry that fails on both channels is internal, and the old code passes [S11]', async () => {
    const { t, sms, whatsapp } = setUpRetries();
    const cookie = await t.open(PHONE);
    whatsapp.act = refuses;
    sms.act = isDown;
    expect(answerOf(await t.retry(cookie))).toBe('internal');
    expect(answerOf(await t.check(cookie, sms.asked[0]?.code ?? ''))).toBe('200');
  });
});
