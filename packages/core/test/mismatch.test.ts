import { cookieOf, createTestService, type ExchangeResponse, type Json, post } from '@otp/testing';
import { directExchange } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { RefusalReason } from '../src/lib/errors.js';

const OTHER = { type: 'phone_number', value: '+33698765432' };

/** The session that asks can be changed. */
function createWorld() {
  const t = createTestService({ retryIntervalSeconds: 0 });
  let session = 'session-1';
  const exchange = directExchange(t.service, { session: () => session });
  return {
    ...t,
    exchange,
    signIn(sid: string) {
      session = sid;
    },
    expectMismatch({ status, body }: ExchangeResponse, reason: RefusalReason) {
      expect([status, body]).toEqual([
        400,
        JSON.stringify({
          code: 'token_mismatch',
          type: 'bad_request',
          message: 'challenge_token: does not belong to this request',
        }),
      ]);
      expect(t.events.at(-1)).toMatchObject({ type: 'refused', code: 'token_mismatch', reason });
    },
  };
}

describe('why a token does not belong to a request', () => {
  it.each<[RefusalReason, Json, Json]>([
    ['audience', { aud: 'other' }, {}],
    ['session', { sid: 'session-2' }, {}],
    ['recipient', {}, { identifier: OTHER }],
  ])('create tells events alone: %s', async (reason, claims, members) => {
    const t = createWorld();
    const body = { challenge_token: t.challenge(claims), ...members };
    t.expectMismatch(await t.exchange(post('/', body)), reason);
  });

  it.each<[RefusalReason, Json]>([
    ['audience', { aud: 'other' }],
    ['session', { sid: 'session-2' }],
    ['dpop', { cnf: { jkt: 'x'.repeat(43) } }],
    ['verification', {}],
  ])('check tells events alone: %s', async (reason, claims) => {
    const t = createWorld();
    const created = await t.exchange(post('/', { challenge_token: t.challenge() }));
    const shown = { code: t.code(), challenge_token: t.challenge(claims) };
    const checked = await t.exchange(post('/check', shown, { cookie: cookieOf(created) }));
    t.expectMismatch(checked, reason);
  });

  it('is the session also for the token that the verification was opened with', async () => {
    const t = createWorld();
    const challenge_token = t.challenge({ sid: 'session-1' });
    const created = await t.exchange(post('/', { challenge_token }));
    t.signIn('session-2');
    const shown = { code: t.code(), challenge_token };
    const checked = await t.exchange(post('/check', shown, { cookie: cookieOf(created) }));
    t.expectMismatch(checked, 'session');
  });
});
