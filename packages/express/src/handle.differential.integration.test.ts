import { compareWithHandle } from '@otp/core/testing';
import { expect, test } from 'vitest';
import { EXPRESS, expressAdapter } from './lib/testing/express-app.js';

const REQUESTS = 5_000;
/** A machine that is busy with other things takes several times as long as an idle one. */
const TIMEOUT_MS = 120_000;

/** What the requests have to have come upon, and how often at least. */
const ANSWERS: Readonly<Record<string, number>> = {
  'POST / 204': 200,
  'POST / auth_blocked': 50,
  'POST / bad_request': 200,
  'POST / invalid_challenge_token': 10,
  'POST / expired_challenge_token': 10,
  'POST / token_mismatch': 10,
  'POST /retry 204': 100,
  'POST /retry bad_request': 100,
  'POST /retry rate_limited': 50,
  'POST /retry unauthorized': 100,
  'POST /check 200': 50,
  'POST /check bad_check_code': 50,
  'POST /check bad_request': 100,
  'POST /check invalid_challenge_token': 10,
  'POST /check expired_challenge_token': 10,
  'POST /check token_mismatch': 1,
  'POST /check rate_limited': 1,
  'POST /check unauthorized': 100,
};

test(
  'L01 5,000 generated requests get the answers of plain data, and have its effects',
  async () => {
    const adapter = expressAdapter(EXPRESS['Express 5'], { keepAlive: true });
    const met = await compareWithHandle(adapter, {
      seed: 20_260_101,
      requests: REQUESTS,
      clientAddress: '127.0.0.1',
    });
    let total = 0;
    for (const count of met.values()) total += count;
    expect(total).toBe(REQUESTS);
    for (const [answer, least] of Object.entries(ANSWERS)) {
      expect(met.get(answer), answer).toBeGreaterThanOrEqual(least);
    }
  },
  TIMEOUT_MS,
);
