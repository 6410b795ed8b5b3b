import {
  cookieOf,
  createDpopKey,
  createTestService,
  exchangeOver,
  type Header,
  post,
  signDpopProof,
} from '@otp/testing';
import { decodePayload } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { otpRouter } from '../src/lib/router.js';
import { EXPRESS, type ExpressName, listen, MOUNT } from './express-app.js';

const FORWARDED: readonly Header[] = [
  ['x-forwarded-host', 'api.example.com'],
  ['x-forwarded-proto', 'https'],
];

/** Checks a correct code with a proof for the URL that `htuOf` derives from the URL of the server. */
async function checkWithProof(
  name: ExpressName,
  { trustProxy, headers = [], htuOf }: CheckOptions,
): Promise<number> {
  const t = createTestService();
  const app = EXPRESS[name]();
  app.set('trust proxy', trustProxy);
  app.use(MOUNT, otpRouter(t.service));
  const { port, close } = await listen(app);
  try {
    const key = createDpopKey();
    const challenge_token = t.challenge({ cnf: { jkt: key.jkt } });
    const created = await exchangeOver(port, post(MOUNT, { challenge_token }));
    const jti = String(decodePayload(challenge_token).jti);
    const htu = htuOf(`http://127.0.0.1:${port}${MOUNT}/check`);
    const proof: Header = ['dpop', signDpopProof(key, { htu, jti, now: t.clock.now() })];
    const body = { code: t.code(), challenge_token };
    const options = { cookie: cookieOf(created), headers: [...headers, proof] };
    return (await exchangeOver(port, post(`${MOUNT}/check`, body, options))).status;
  } finally {
    await close();
  }
}

interface CheckOptions {
  readonly trustProxy: boolean | number;
  readonly headers?: readonly Header[];
  readonly htuOf: (own: string) => string;
}

const FORWARDED_URL = `https://api.example.com${MOUNT}/check`;

describe.each(Object.keys(EXPRESS) as ExpressName[])('%s: the URL of a DPoP proof', (name) => {
  it('is the one that the client requested', async () => {
    expect(await checkWithProof(name, { trustProxy: false, htuOf: (own) => own })).toBe(200);
  });

  it('is the forwarded one behind a trusted proxy, also with a list of hosts', async () => {
    const htuOf = () => FORWARDED_URL;
    const trusted = { trustProxy: 1, htuOf };
    expect(await checkWithProof(name, { ...trusted, headers: FORWARDED })).toBe(200);
    const listed: Header[] = [
      ['x-forwarded-host', 'api.example.com, inner.example'],
      ['x-forwarded-proto', 'https'],
    ];
    expect(await checkWithProof(name, { ...trusted, headers: listed })).toBe(200);
  });

  it('is never what an untrusted client claims', async () => {
    const options = { trustProxy: false, headers: FORWARDED, htuOf: () => FORWARDED_URL };
    expect(await checkWithProof(name, options)).toBe(400);
  });
});
