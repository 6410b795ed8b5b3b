import assert from 'node:assert/strict';
import { SendError } from '@otp/core';
import {
  assertFailure,
  assertSentAgain,
  assertVerified,
  CLEARED,
} from '../http/assert-response.js';
import { type Header, post } from '../http/exchange.js';
import { MESSAGES } from '../http/messages.js';
import { type AdapterCase, EMAIL, scenario } from '../kit/scenario.js';

const GONE = { message: MESSAGES.noVerification, headers: [CLEARED] };

/** `POST /retry`. */
export const retryCases: readonly AdapterCase[] = [
  scenario(
    'retry sends the same code again, with `{}`, an empty body or no body [R07]',
    async (t) => {
      const cookie = await t.open(EMAIL);
      for (const [wait, body] of [
        [30, '{}'],
        [60, ''],
        [120, undefined],
      ] as const) {
        t.clock.advance(wait);
        assertSentAgain(await t.exchange(post('/retry', body, { cookie })));
      }
      t.assertEffects({ stored: 1, sent: 4 });
      assert.equal(new Set(t.sender.messages.map(({ code }) => code)).size, 1);
      assert.deepEqual(
        t.sender.messages.map(({ send }) => send),
        [1, 2, 3, 4],
      );
      assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
    },
  ),

  scenario('retry of a step-up needs no challenge token', async (t) => {
    const cookie = await t.open({ challenge_token: t.challenge() });
    t.clock.advance(30);
    assertSentAgain(await t.exchange(post('/retry', {}, { cookie })));
    t.assertEffects({ stored: 1, sent: 2 });
  }),

  scenario('retry within the interval is refused with the time to wait', async (t) => {
    const cookie = await t.open(EMAIL);
    t.clock.advance(12);
    const early = await t.exchange(post('/retry', {}, { cookie }));
    const headers: Header[] = [['retry-after', '18']];
    assertFailure(early, 'rate_limited', { message: MESSAGES.sendLimit, headers });
    t.assertEffects({ stored: 1, sent: 1 });
  }),

  scenario('retry after five sends is limited until the verification expires', async (t) => {
    const cookie = await t.open(EMAIL);
    for (const wait of [30, 60, 120, 240]) {
      t.clock.advance(wait);
      assertSentAgain(await t.exchange(post('/retry', {}, { cookie })));
    }
    t.clock.advance(100);
    const over = await t.exchange(post('/retry', {}, { cookie }));
    const headers: Header[] = [['retry-after', '50']];
    assertFailure(over, 'rate_limited', { message: MESSAGES.sendLimit, headers });
    t.assertEffects({ stored: 1, sent: 5 });
  }),

  scenario('retry without a live verification is unauthorized', async (t) => {
    const cookie = await t.open(EMAIL);
    const bare = await t.exchange(post('/retry', {}));
    assertFailure(bare, 'unauthorized', { message: MESSAGES.noVerification });
    const twice = await t.exchange(post('/retry', {}, { cookie: `${cookie}; ${cookie}` }));
    assertFailure(twice, 'unauthorized', GONE);
    assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
    t.clock.advance(30);
    assertFailure(await t.exchange(post('/retry', {}, { cookie })), 'unauthorized', GONE);
    t.assertEffects({ stored: 1, sent: 1 });
  }),

  scenario('retry refuses other bodies and content types', async (t) => {
    const cookie = await t.open(EMAIL);
    t.clock.advance(30);
    await t.untouched(async () => {
      for (const body of ['[]', 'null', '{', '"x"']) {
        const refused = await t.exchange(post('/retry', body, { cookie }));
        assertFailure(refused, 'bad_request', { message: MESSAGES.body });
      }
      for (const [contentType, body] of [
        ['text/plain', ''],
        ['text/plain', undefined],
        ['text/plain', '{}'],
        [null, '{"a":1}'],
      ] as const) {
        const refused = await t.exchange(post('/retry', body, { cookie, contentType }));
        assertFailure(refused, 'bad_request', { message: MESSAGES.contentType });
      }
      const larger = await t.exchange(post('/retry', '{}'.padEnd(8193), { cookie }));
      assertFailure(larger, 'bad_request', { message: MESSAGES.bodyTooLarge });
    });
  }),

  scenario('retry that fails to send leaves the delivered code valid [S11]', async (t) => {
    const cookie = await t.open(EMAIL);
    t.clock.advance(30);
    t.sender.fail(new SendError('unavailable', 'the provider is down'));
    assertFailure(await t.exchange(post('/retry', {}, { cookie })), 'internal');
    t.sender.fail(new SendError('rejected', 'no such mailbox'));
    const rejected = await t.exchange(post('/retry', {}, { cookie }));
    assertFailure(rejected, 'auth_blocked', { message: MESSAGES.policy });
    t.assertEffects({ stored: 1, sent: 1 });
    assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
  }),

  scenario('retry fails and sends nothing when the store is down [S01]', async (t) => {
    const cookie = await t.open(EMAIL);
    t.clock.advance(30);
    t.store.fail(new Error('connection refused'));
    assertFailure(await t.exchange(post('/retry', {}, { cookie })), 'internal');
    t.assertEffects({ stored: 1, sent: 1 });
  }),
];
