import assert from 'node:assert/strict';
import { type ExchangeRequest, post } from '../http/exchange.js';
import type { Scenario } from '../kit/scenario.js';
import { ADDRESS, BY_EMAIL, NUMBER, type Witness } from './witness.js';

/** Runs both flows from create to check, with the mistakes that a client can make on the way. */
export async function runBothFlows(t: Scenario, witness: Witness): Promise<void> {
  const challenge_token = witness.challenge();
  for (const [body, more] of [
    [BY_EMAIL, {}],
    [{ challenge_token }, { challenge_token }],
  ] as const) {
    const cookie = await witness.create(body);
    const code = t.code();
    const check = (each: string) =>
      witness.ask(post('/check', { code: each, ...more }, { cookie }));
    await witness.ask(post('/retry', {}, { cookie }));
    await check(t.wrongCode());
    await check(`${code}0000`);
    await check(`${code}x`);
    await witness.ask(post('/check', { code, challenge_token: `${challenge_token}x` }, { cookie }));
    const checked = await check(code);
    assert.equal(checked.status, 200);
    const token = witness.keep(JSON.parse(checked.body).challenge_token);
    await witness.ask(post('/', { challenge_token: token }));
    await check(code);
    await witness.ask(post('/', body));
  }
}

/** Requests that are refused and hold one of the secrets each. */
export function badRequests(secrets: readonly string[]): ExchangeRequest[] {
  return secrets.flatMap((secret) => [
    post('/', { identifier: { type: 'email_address', value: `${secret};${ADDRESS}` } }),
    post('/', { identifier: { type: 'phone_number', value: `${NUMBER};ext=${secret}` } }),
    post('/', { identifier: { type: secret, value: secret } }),
    post('/', { ...BY_EMAIL, dispatch_id: `${secret}\r\n` }),
    post('/', { ...BY_EMAIL, login_config_id: secret }),
    post('/', { ...BY_EMAIL, code_challenge: secret }),
    post('/', { ...BY_EMAIL, code_challenge_method: secret }),
    post('/', { challenge_token: secret }),
    post('/', `{"${secret}":1,"${secret}":2}`),
    post('/', secret),
    post('/', BY_EMAIL, { contentType: `text/plain; x=${secret}` }),
    post('/check', { code: secret }, { cookie: `__verification-login_app=${secret}!` }),
    post(`/${encodeURIComponent(secret)}`, {}),
  ]);
}
