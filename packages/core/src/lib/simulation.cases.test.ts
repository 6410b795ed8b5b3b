import { describe, expect, test } from 'vitest';
import { handle } from './handle.js';
import type { LimitOptions } from './options.js';
import { toOtpRequest } from './testing/direct.js';
import { post } from './testing/exchange.js';
import { PHONE } from './testing/scenario.js';
import { answerOf, email, phone, setUp, type TestKit, times } from './testing/test-kit.js';

const CREATES = 10_000;
const HOUR = 3600;
const TIME_LIMIT_MS = 120_000;

/** Creates within the life of a verification. */
const LIVE = 1_600;

interface Attack {
  readonly body: (n: number) => object;
  readonly address: (n: number) => string;
  readonly limits?: LimitOptions;
  /** What may be sent in an hour. */
  readonly most: number;
}

const digits = (n: number, length: number) => String(n).padStart(length, '0');
/** As many prefixes as there are creates. */
const anyNumber = (n: number) => phone(`+336${digits(n, 5)}${digits(n % 999, 3)}`);
const anyAddress = (n: number) => `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;

const ATTACKS: Readonly<Record<string, Attack>> = {
  'one number': { body: () => phone('+33698765432'), address: anyAddress, most: 5 },
  'one prefix': {
    body: (n) => phone(`+3369876${digits(n, 4)}`),
    address: anyAddress,
    most: 30,
  },
  'one address with tags': {
    body: (n) => email(`u+${n}@x.com`),
    address: anyAddress,
    most: 5,
  },
  'numbers from one /64': {
    body: anyNumber,
    address: (n) => `2001:db8:1:2::${n.toString(16)}`,
    most: 100,
  },
  'numbers from one /48': {
    body: anyNumber,
    address: (n) => `2001:db8:1:${n.toString(16)}::1`,
    most: 500,
  },
  'one country': {
    body: anyNumber,
    address: anyAddress,
    limits: { app: [{ max: 700, windowSeconds: HOUR }] },
    most: 700,
  },
};

/** The attack and the owners share nothing but the app, and in the last one its budget. */
async function openOwners(t: TestKit) {
  const standalone = await t.open(phone('+33698111111'));
  const code = t.code();
  const challenge_token = t.challenge();
  const stepUp = await t.open({ challenge_token });
  const codes = [code, t.code()] as const;
  return [
    () => t.check(standalone, codes[0]),
    () => t.check(stepUp, codes[1], { challenge_token }),
  ];
}

async function attack(t: TestKit, { body, address }: Attack, to: number, from: number) {
  for (let n = from; n < to; n += 1) {
    t.clock.advance(HOUR / CREATES);
    const request = { ...toOtpRequest(post('/', body(n)), 'eager'), clientAddress: address(n) };
    const { status } = await handle(t.service, request);
    expect([204, 403]).toContain(status);
  }
}

describe('10,000 creates in an hour', () => {
  test.each(Object.entries(ATTACKS))(
    'R04 R05 R12 for %s stay within what is configured, and owners still pass',
    async (_, each) => {
      const t = setUp({ ...(each.limits === undefined ? {} : { limits: each.limits }) });
      const owners = await openOwners(t);
      const before = t.sender.messages.length;
      await attack(t, each, LIVE, 0);
      for (const check of owners) expect(answerOf(await check())).toBe('200');
      await attack(t, each, CREATES, LIVE);
      const sent = t.sender.messages.length - before;
      expect(sent).toBeGreaterThan(0);
      expect(sent).toBeLessThanOrEqual(each.most);
    },
    TIME_LIMIT_MS,
  );

  test(
    'R05 R11 for the number and the prefix of an owner leave the live verification and the step-up alone',
    async () => {
      const t = setUp();
      const owners = await t.open(PHONE);
      const code = t.code();
      const prefix = '+3361234';
      for (const n of times(CREATES, (index) => index)) {
        t.clock.advance(500 / CREATES);
        const value = n % 2 === 0 ? PHONE.identifier.value : prefix + digits(n, 4);
        const request = { ...toOtpRequest(post('/', phone(value)), 'eager') };
        await handle(t.service, { ...request, clientAddress: anyAddress(n) });
      }
      expect(answerOf(await t.retry(owners))).toBe('204');
      expect(answerOf(await t.check(owners, code))).toBe('200');
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      expect(answerOf(await t.check(cookie, t.code(), { challenge_token }))).toBe('200');
    },
    TIME_LIMIT_MS,
  );
});
