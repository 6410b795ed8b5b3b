import assert from 'node:assert/strict';
import { handle } from '../handle.js';
import type { LimitOptions } from '../options.js';
import { toOtpRequest } from './direct.js';
import { post } from './exchange.js';
import { type StoreServiceWorld, serviceCase } from './store-service-world.js';
import type { StoreCase } from './store-world.js';
import { answerOf, email, phone, type TestKit, times } from './test-kit.js';

/** Ten thousand on the memory store are in a test of their own. */
const MOST_CREATES = 500;
const HOUR = 3600;

interface Attack {
  readonly what: string;
  readonly body: (n: number) => object;
  readonly address: (n: number) => string;
  readonly limits?: LimitOptions;
  /** What may be sent by default, or as `limits` say. */
  readonly most: number;
}

const digits = (n: number, length: number) => String(n).padStart(length, '0');
/** As many prefixes as there are creates. */
const anyNumber = (n: number) => phone(`+336${digits(n, 5)}${digits(n % 999, 3)}`);
const anyAddress = (n: number) => `198.18.${n >> 8}.${n & 255}`;

const ATTACKS: readonly Attack[] = [
  { what: 'one number', body: () => phone('+33698765432'), address: anyAddress, most: 1 },
  { what: 'one mailbox', body: (n) => email(`u+${n}@x.com`), address: anyAddress, most: 1 },
  {
    what: 'one prefix',
    body: (n) => phone(`+3369876${digits(n, 4)}`),
    address: anyAddress,
    most: 30,
  },
  {
    what: 'numbers from one /64',
    body: anyNumber,
    address: (n) => `2001:db8:1:2::${n.toString(16)}`,
    most: 30,
  },
  {
    what: 'numbers from one /48',
    body: anyNumber,
    address: (n) => `2001:db8:1:${n.toString(16)}::1`,
    most: 150,
  },
  {
    what: 'one country',
    body: anyNumber,
    address: anyAddress,
    limits: { app: [{ max: 40, windowSeconds: HOUR }] },
    most: 38,
  },
];

/** Somebody in the middle of a verification, and somebody in that of a step-up. */
async function openOwners(t: TestKit) {
  const standalone = await t.open(phone('+33698111111'));
  const code = t.code();
  const challenge_token = t.challenge();
  const stepUp = await t.open({ challenge_token });
  const stepUpCode = t.code();
  return [() => t.check(standalone, code), () => t.check(stepUp, stepUpCode, { challenge_token })];
}

async function attack(t: StoreServiceWorld, { body, address }: Attack): Promise<void> {
  const create = async (n: number) => {
    const { service } = n % 2 === 0 ? t : t.peer;
    const request = { ...toOtpRequest(post('/', body(n))), clientAddress: address(n) };
    const { status } = await handle(service, request);
    assert.ok(status === 204 || status === 403, `a create was answered ${status}`);
  };
  // Side by side, as many as the store can answer in the time that a request has.
  const atOnce = Math.min(20, t.atOnce);
  const creates = Math.min(MOST_CREATES, 10 * t.atOnce);
  for (let n = 0; n < creates; n += atOnce) {
    await Promise.all(times(atOnce, (index) => create(n + index)));
  }
}

/** An attacker with many addresses, against the limits that a service has by default. */
export const simulationCases: readonly StoreCase[] = ATTACKS.map((each) =>
  serviceCase(
    `R04 R05 R12 many creates for ${each.what} stay within what is configured, and owners still pass`,
    async (t) => {
      const owners = await openOwners(t);
      const before = t.sender.messages.length;
      await attack(t, each);
      const sent = t.sender.messages.length - before;
      assert.ok(sent >= 1 && sent <= each.most, `${sent} were sent`);
      for (const check of owners) assert.equal(answerOf(await check()), '200');
    },
    { service: () => ({ ...(each.limits === undefined ? {} : { limits: each.limits }) }) },
  ),
);
