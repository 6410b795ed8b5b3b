import type { AdapterUnderTest, Exchange, ExchangeRequest } from '@otp/testing';
import { directAdapter } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { compareWithHandle } from './compare-adapter.js';
import { byDepth } from './depth.js';

const OPTIONS = { seed: 1, requests: 1_000, clientAddress: '203.0.113.7' };
/** For tests that compare all requests. */
const ALL_REQUESTS = { ...OPTIONS, requests: byDepth({ quick: 200, full: 1_000 }) };

/** An adapter without a framework, with changed exchanges. */
function adapterWith(change: (exchange: Exchange) => Exchange): AdapterUnderTest {
  const { mount } = directAdapter('lazy');
  return {
    async mount(service, options) {
      const mounted = await mount(service, options);
      return { ...mounted, exchange: change(mounted.exchange) };
    },
  };
}

const FAULTS: readonly [what: string, change: (exchange: Exchange) => Exchange][] = [
  [
    'answers another status',
    (exchange) => async (request) => {
      const response = await exchange(request);
      return response.status === 204 ? { ...response, status: 200 } : response;
    },
  ],
  [
    'loses a header field',
    (exchange) => async (request) => {
      const response = await exchange(request);
      const headers = response.headers.filter(([name]) => name !== 'retry-after');
      return { ...response, headers };
    },
  ],
  [
    'adds a space to the body',
    (exchange) => async (request) => {
      const response = await exchange(request);
      return response.body === '' ? response : { ...response, body: `${response.body} ` };
    },
  ],
  [
    'keeps one field of each name',
    (exchange) => (request) => exchange({ ...request, headers: [...new Map(request.headers)] }),
  ],
  [
    'decodes a body that is no UTF-8',
    (exchange) => (request) =>
      exchange({ ...request, body: Buffer.from(request.body ?? '').toString() }),
  ],
  [
    'sends everything twice',
    (exchange) => async (request) => {
      const response = await exchange(request);
      await exchange(request);
      return response;
    },
  ],
];

/** The least number of times that each answer must occur. */
const ANSWERS: Readonly<Record<string, number>> = {
  'POST / 204': 80,
  'POST / auth_blocked': 20,
  'POST / bad_request': 80,
  'POST / invalid_challenge_token': 4,
  'POST / expired_challenge_token': 4,
  'POST / token_mismatch': 4,
  'POST /retry 204': 40,
  'POST /retry bad_request': 40,
  'POST /retry rate_limited': 20,
  'POST /retry unauthorized': 40,
  'POST /check 200': 20,
  'POST /check bad_check_code': 20,
  'POST /check bad_request': 40,
  'POST /check invalid_challenge_token': 4,
  'POST /check expired_challenge_token': 4,
  'POST /check token_mismatch': 1,
  'POST /check rate_limited': 1,
  'POST /check unauthorized': 40,
};

describe('compareWithHandle', () => {
  it('finds no difference where there is none, and returns the answers that it met', async () => {
    const met = await compareWithHandle(directAdapter('eager'), ALL_REQUESTS);
    let total = 0;
    for (const count of met.values()) total += count;
    expect(total).toBe(ALL_REQUESTS.requests);
    expect(met.get('POST / 204')).toBeGreaterThan(byDepth({ quick: 0, full: 10 }));
  });

  it('meets every kind of answer in the requests that all adapters are compared by', async () => {
    const { clientAddress } = OPTIONS;
    const met = await compareWithHandle(directAdapter('lazy'), { clientAddress });
    for (const [answer, least] of Object.entries(ANSWERS)) {
      expect(met.get(answer), answer).toBeGreaterThanOrEqual(least);
    }
  });

  it('sends the same requests for the same seed, to the byte', async () => {
    const runs: ExchangeRequest[][] = [];
    for (let run = 0; run < 2; run += 1) {
      const requests: ExchangeRequest[] = [];
      const adapter = adapterWith((exchange) => (request) => {
        requests.push(request);
        return exchange(request);
      });
      await compareWithHandle(adapter, ALL_REQUESTS);
      runs.push(requests);
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  it.each(FAULTS)('rejects an adapter that %s, with the seed', async (_, change) => {
    await expect(compareWithHandle(adapterWith(change), OPTIONS)).rejects.toThrow(
      /^with the seed [0-9]+$/,
    );
  });

  it('rejects an adapter that reports another client address', async () => {
    const options = { ...OPTIONS, clientAddress: '203.0.113.8' };
    await expect(compareWithHandle(directAdapter('lazy'), options)).rejects.toThrow('seed');
  });
});
