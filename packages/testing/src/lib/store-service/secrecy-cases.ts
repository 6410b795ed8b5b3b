import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Randomness } from '@otp/core';
import { cookieOf } from '../http/exchange.js';
import { answerOf, email, type TestKit, times, UNLIMITED } from '../kit/test-kit.js';
import { spellingsOf } from '../privacy/spellings.js';
import type { StoreCase } from '../stores/store-world.js';
import { serviceCase } from './store-service-world.js';

const VERIFICATIONS = 1_000;
/** The most verifications at once. */
const BATCH = 20;

/** Ten digits, because fewer may occur in a dump by chance. */
const CODE = '7391846250';
const DOMAIN = 'marked-domain.example';
/** The start of the token of every cookie; the rest is random. */
const TOKEN = Buffer.from('a marked cookie token of');
const JTI = 'marked-jti-of-a-token';
const USER = 'marked-user';
const SESSION = 'marked-session';
const SECRETS = [CODE, bytesOfCode(), TOKEN, DOMAIN, JTI, USER, SESSION, '203.0.113.7'];

const markedRandomness: Randomness = {
  bytes: (size) =>
    size === 32 ? Buffer.concat([TOKEN, randomBytes(size - TOKEN.length)]) : randomBytes(size),
  int: () => Number(CODE),
};

/** Secrets that a store must never hold. */
export const secrecyCases: readonly StoreCase[] = [
  serviceCase(
    'after 1,000 verifications neither the store nor its calls hold a code, token, identifier or client address [S09]',
    async (t) => {
      const client = t.beside({
        randomness: markedRandomness,
        limits: UNLIMITED,
        retryIntervalSeconds: 0,
        session: () => SESSION,
        channels: { email: { sender: t.sender, codeLength: CODE.length } },
      });
      const { verifications = VERIFICATIONS } = t.harness;
      const batch = Math.min(BATCH, t.atOnce);
      // A server may have used tokens of an earlier run.
      const run = randomUUID();
      for (let n = 0; n < verifications; n += batch) {
        const left = Math.min(batch, verifications - n);
        await Promise.all(times(left, (index) => verify(client, run, n + index)));
      }
      const first = { type: 'email_address', value: `u0@${DOMAIN}` } as const;
      await client.service.resetLimits(first);
      assert.equal(t.sender.messages.length, 2 * verifications);
      const given = Buffer.from(JSON.stringify(client.store.calls));
      assert.ok(given.length > verifications * 1_000, `the calls have ${given.length} bytes`);
      assertHoldsNone(given, 'a call of the store');
      const dump = await t.harness.dump?.();
      if (dump !== undefined) assertHoldsNone(dump, 'the store');
    },
  ),
];

/** A create, a retry and a wrong code. Half of them are completed, and half are step-ups. */
async function verify(t: TestKit, run: string, n: number): Promise<void> {
  const value = `u${n}@${DOMAIN}`;
  const isStepUp = n % 4 < 2;
  const challenge = {
    jti: `${JTI}-${run}-${n}`,
    sub: `${USER}-${n}`,
    sid: SESSION,
    current_step: 'verify_email',
    steps: [{ order: 1, key: 'verify_email', expiration_duration: 600, done: false }],
    identifier: { type: 'email_address', value },
  };
  const more = isStepUp ? { challenge_token: t.challenge(challenge) } : {};
  const created = await t.create(isStepUp ? more : email(value));
  assert.equal(created.status, 204, created.body);
  const cookie = cookieOf(created);
  assert.equal((await t.retry(cookie)).status, 204);
  assert.equal(answerOf(await t.check(cookie, '0'.repeat(CODE.length), more)), 'bad_check_code');
  if (n % 2 === 0) assert.equal(answerOf(await t.check(cookie, CODE, more)), '200');
}

/** The code as an integer of eight bytes. */
function bytesOfCode(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(CODE));
  return bytes;
}

function assertHoldsNone(bytes: Uint8Array, holder: string): void {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const secret of SECRETS) {
    for (const spelling of spellingsOf(secret)) {
      assert.ok(!haystack.includes(spelling), `${holder} holds ${spelling}`);
    }
  }
}
