import assert from 'node:assert/strict';
import {
  assertFailure,
  assertResponse,
  assertVerified,
  CLEARED,
  JSON_BODY,
  NO_STORE,
} from '../http/assert-response.js';
import { type ExchangeRequest, type ExchangeResponse, post } from '../http/exchange.js';
import { MESSAGES } from '../http/messages.js';
import { type AdapterCase, PHONE, type Scenario, scenario } from '../kit/scenario.js';

function status(cookie?: string, method = 'GET'): ExchangeRequest {
  return { method, path: '/status', headers: cookie === undefined ? [] : [['cookie', cookie]] };
}

function assertStatus(t: Scenario, response: ExchangeResponse, expected: object): void {
  const fresh = {
    flow: 'standalone',
    channel: 'email',
    code_length: 6,
    expires_at: new Date(t.clock.now() + 600_000).toISOString(),
    retry_after: 30,
    sends_left: 4,
    attempts_left: 5,
    recipient_hint: 'u•••@e•••.com',
  };
  const body = JSON.stringify({ ...fresh, ...expected });
  assertResponse(response, { status: 200, headers: [NO_STORE, JSON_BODY], body });
}

/** `GET /status`, which a page calls after a reload. */
export const statusCases: readonly AdapterCase[] = [
  scenario('status tells a reloaded page where it was, and counts nothing', async (t) => {
    const cookie = await t.open();
    const opened = t.clock.now();
    for (let reads = 0; reads < 20; reads += 1) {
      assertStatus(t, await t.exchange(status(cookie)), {});
    }
    const head = await t.exchange(status(cookie, 'HEAD'));
    assertResponse(head, { status: 200, headers: [NO_STORE, JSON_BODY], body: '' });
    await t.exchange(post('/check', { code: t.wrongCode() }, { cookie }));
    t.clock.advance(30.4);
    const expires_at = new Date(opened + 600_000).toISOString();
    const waited = { expires_at, attempts_left: 4, retry_after: 0 };
    assertStatus(t, await t.exchange(status(cookie)), waited);
    await t.exchange(post('/retry', {}, { cookie }));
    const sent = { ...waited, retry_after: 60, sends_left: 3 };
    assertStatus(t, await t.exchange(status(cookie)), sent);
    assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
  }),

  scenario('status has no time for a retry when no send is left', async (t) => {
    const cookie = await t.open(PHONE);
    const opened = t.clock.now();
    for (const seconds of [30, 60, 120, 240]) {
      t.clock.advance(seconds);
      assert.equal((await t.exchange(post('/retry', {}, { cookie }))).status, 204);
    }
    assertStatus(t, await t.exchange(status(cookie)), {
      channel: 'sms',
      expires_at: new Date(opened + 600_000).toISOString(),
      retry_after: null,
      sends_left: 0,
      recipient_hint: '+33 ••• •• 78',
    });
  }),

  scenario('status of a step-up hides the recipient', async (t) => {
    const cookie = await t.open({ challenge_token: t.challenge() });
    const expected = { flow: 'step-up', channel: 'sms', recipient_hint: null };
    assertStatus(t, await t.exchange(status(cookie)), expected);
  }),

  scenario(
    'status of a step-up shows a hint of the recipient where the host asks for it',
    async (t) => {
      const cookie = await t.open({ challenge_token: t.challenge() });
      const hint = { flow: 'step-up', channel: 'sms', recipient_hint: '+33 ••• •• 78' };
      assertStatus(t, await t.exchange(status(cookie)), hint);
    },
    () => ({ stepUpRecipientHint: true }),
  ),

  scenario('status without a live verification is unauthorized', async (t) => {
    const expected = { message: MESSAGES.noVerification };
    assertFailure(await t.exchange(status()), 'unauthorized', expected);
    const cookie = await t.open();
    const cleared = { ...expected, headers: [CLEARED] };
    const twice = await t.exchange(status(`${cookie}; ${cookie}`));
    assertFailure(twice, 'unauthorized', cleared);
    t.clock.advance(600);
    assertFailure(await t.exchange(status(cookie)), 'unauthorized', cleared);
  }),

  scenario('status is internal when the store fails, and keeps the cookie', async (t) => {
    const cookie = await t.open();
    t.store.fail(new Error('down'));
    assertFailure(await t.exchange(status(cookie)), 'internal');
  }),
];
