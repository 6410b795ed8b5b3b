import assert from 'node:assert/strict';
import type { ErrorCode } from '@otp/core';
import type { ScenarioOptions } from '../kit/scenario.js';
import { answerOf, email, limitBothFlows, phone, type TestKit } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { type StoreServiceWorld, serviceCase } from './store-service-world.js';

const HOUR = 3600;

/** A limit of one create for each client. */
const roomForOne = {
  service: (): ScenarioOptions => ({
    limits: limitBothFlows({ clientAddress: [{ max: 1, windowSeconds: HOUR }] }),
  }),
};

/** Asserts that the bodies are refused without a call of store or sender, and that the limit of one create is unused. */
async function assertRefused(
  t: TestKit,
  bodies: readonly object[],
  code: ErrorCode,
  served = email('user@example.com'),
): Promise<void> {
  await t.untouched(async () => {
    for (const body of bodies) {
      assert.deepEqual([answerOf(await t.create(body)), body], [code, body]);
    }
  });
  assert.deepEqual(
    [answerOf(await t.create(served)), answerOf(await t.create(served))],
    ['204', 'auth_blocked'],
  );
}

function serve(t: StoreServiceWorld, countries: readonly string[]): TestKit {
  const { sender } = t;
  return t.beside({ channels: { sms: { sender, countries }, email: { sender } } });
}

const MARKS = ['\r', '\n', '\r\n', '\0', '\u2028', '\u2029', '\u0085', '\v', '\u007f'];

function spoil(text: string, mark: string): string[] {
  return [
    `${mark}${text}`,
    `${text}${mark}`,
    `${text.slice(0, 4)}${mark}${text.slice(4)}`,
    `${text}${mark}RCPT TO:<victim@x.com>`,
  ];
}

const UNSERVED: Readonly<Record<string, readonly string[]>> = {
  premium: ['+33899123456', '+4909001234567', '+19002345678', '+449012345678', '+39899123456'],
  'shared-cost': ['+33810123456', '+4901801234567', '+448431234567', '+33826123456'],
  'toll-free': ['+33800123456', '+18002345678', '+4908001234567', '+448001234567'],
  personal: ['+447012345678', '+15002345678', '+4970012345678'],
  pager: ['+447640123456', '+491641234567'],
  satellite: ['+881612345678', '+870773111632', '+8816214123456'],
  'fixed-line': ['+33123456789', '+493012345678', '+442071234567'],
  countryless: [
    '+88210123456',
    '+883510012345',
    '+8781012345678',
    '+979123456789',
    '+80012345678',
    '+80812345678',
    '+999123456789',
  ],
};

const MOBILES = [
  ['FR', '+33612345678'],
  ['DE', '+4915123456789'],
  ['ID', '+6281234567890'],
  ['BR', '+5511987654321'],
  ['US', '+12133734253'],
  ['IN', '+919876543210'],
  ['NG', '+2348031234567'],
] as const;

/** Numbers of other countries; some share the calling code of the US. */
const NOT_OF_THE_US = [
  ['JM', '+18762101234'],
  ['BS', '+12423591234'],
  ['CA', '+15062345678'],
  ['FR', '+33612345678'],
] as const;

/** Recipients that are never sent to, and that their refusal uses up no limit. */
export const recipientCases: readonly StoreCase[] = [
  ...MARKS.map((mark) =>
    serviceCase(
      `an identifier with ${JSON.stringify(mark)} is refused and charges no limit (CVE-2021-23400) [I03]`,
      (t) =>
        assertRefused(
          t,
          [
            ...spoil('user@example.com', mark).map(email),
            ...spoil('+33612345678', mark).map(phone),
          ],
          'bad_request',
        ),
      roomForOne,
    ),
  ),

  ...Object.entries(UNSERVED).map(([kind, numbers]) =>
    serviceCase(
      `a ${kind} number is refused and charges no limit [I07]`,
      (t) => assertRefused(t, numbers.map(phone), 'bad_request'),
      roomForOne,
    ),
  ),

  serviceCase('a mobile number of each served country is accepted and limited [I07]', async (t) => {
    for (const [country, number] of MOBILES) {
      const client = serve(t, [country]);
      assert.equal(answerOf(await client.create(phone(number))), '204');
      assert.equal(answerOf(await t.peer.create(phone(number))), 'auth_blocked');
    }
    const sentTo = t.sender.messages.map(({ to }) => to);
    assert.deepEqual(
      sentTo,
      MOBILES.map(([, number]) => number),
    );
  }),

  ...NOT_OF_THE_US.map(([country, number]) =>
    serviceCase(
      `a number of ${country} is blocked if only US is served, and charges no limit [I08]`,
      (t) =>
        assertRefused(serve(t, ['US']), [phone(number)], 'auth_blocked', phone('+12133734253')),
      roomForOne,
    ),
  ),
];
