import { checkWithDpop, createDpopService } from '@otp/test/dpop-client';
import { exchangeOver, type Header } from '@otp/testing';
import { describe, expect, it } from 'vitest';
import { otpRouter } from '../src/lib/router.js';
import { EXPRESS, type ExpressName, listen } from './express-app.js';

const MOUNT = '/tenants/42/auth/otp';
const FORWARDED: readonly Header[] = [
  ['x-forwarded-host', 'api.example.com'],
  ['x-forwarded-proto', 'https'],
];
const FORWARDED_URL = `https://api.example.com${MOUNT}/check`;

interface CheckOptions {
  readonly trustProxy: boolean | number;
  readonly headers?: readonly Header[];
  readonly htuOf: (own: string) => string;
}

/** Checks a correct code, below nested routers, with a proof for the URL that `htuOf` derives from that of the server. */
async function checkWithProof(
  name: ExpressName,
  { trustProxy, headers = [], htuOf }: CheckOptions,
): Promise<number> {
  const t = createDpopService();
  const app = EXPRESS[name]();
  app.set('trust proxy', trustProxy);
  const inner = EXPRESS[name]
    .Router()
    .use('/auth', EXPRESS[name].Router().use('/otp', otpRouter(t.service)));
  app.use('/tenants/:tenant', inner);
  const { port, close } = await listen(app);
  try {
    return await checkWithDpop(
      t,
      (request) => exchangeOver(port, { ...request, path: `${MOUNT}${request.path}` }),
      { htu: htuOf(`http://127.0.0.1:${port}${MOUNT}/check`), headers },
    );
  } finally {
    await close();
  }
}

describe.each(Object.keys(EXPRESS) as ExpressName[])('%s: the URL of a DPoP proof', (name) => {
  it('is the one that the client requested [J11, L02]', async () => {
    expect(await checkWithProof(name, { trustProxy: false, htuOf: (own) => own })).toBe(200);
    expect(await checkWithProof(name, { trustProxy: 1, htuOf: (own) => own })).toBe(200);
    const htuOf = (own: string) => own.replace('/tenants/42', '');
    expect(await checkWithProof(name, { trustProxy: false, htuOf })).toBe(400);
  });

  it('is the forwarded one behind a trusted proxy, also with a list of hosts [J11]', async () => {
    const htuOf = () => FORWARDED_URL;
    const trusted = { trustProxy: 1, htuOf };
    expect(await checkWithProof(name, { ...trusted, headers: FORWARDED })).toBe(200);
    const listed: Header[] = [
      ['x-forwarded-host', 'api.example.com, inner.example'],
      ['x-forwarded-proto', 'https'],
    ];
    expect(await checkWithProof(name, { ...trusted, headers: listed })).toBe(200);
  });

  it('is never what an untrusted client claims [J11]', async () => {
    const options = { trustProxy: false, headers: FORWARDED, htuOf: () => FORWARDED_URL };
    expect(await checkWithProof(name, options)).toBe(400);
  });
});
