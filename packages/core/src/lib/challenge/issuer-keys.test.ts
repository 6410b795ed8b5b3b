import { generateKeyPairSync } from 'node:crypto';
import { createTestIssuer } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { Jwk } from '../keys/jwk.js';
import { type ChallengeIssuer, type RemoteKeysOptions, trustIssuer } from './issuer-keys.js';

const ISSUER = 'https://issuer.example';
const URL_OF_KEYS = 'https://issuer.example/jwks.json';
const one = createTestIssuer(ISSUER, 'key-1');
const two = createTestIssuer(ISSUER, 'key-2');
const keyOf = ({ x }: Jwk) => x;
const set = (...keys: unknown[]) => JSON.stringify({ keys });

describe('trustIssuer: a key set', () => {
  const find = (keys: readonly unknown[], kid: string | undefined) =>
    trustIssuer({ issuer: ISSUER, jwks: { keys: keys as Jwk[] } }).findKey(kid);

  it('finds the key of the kid and no other', async () => {
    const keys = [one.jwk, two.jwk];
    expect((await find(keys, 'key-2'))?.export({ format: 'jwk' }).x).toBe(keyOf(two.jwk));
    expect(await find(keys, 'key-3')).toBeUndefined();
    expect(await find(keys, '')).toBeUndefined();
    expect(await find(keys, 'toString')).toBeUndefined();
  });

  it('finds the only key without a kid, and none among several', async () => {
    expect(await find([one.jwk], undefined)).toBeDefined();
    expect(await find([one.jwk, two.jwk], undefined)).toBeUndefined();
  });

  it('accepts a key without kid, and the members that are allowed beside it', async () => {
    const { kid: _, ...anonymous } = one.jwk;
    expect(
      await find([{ ...anonymous, alg: 'EdDSA', use: 'sig', x5t: 'x' }], undefined),
    ).toBeDefined();
    expect(await find([{ ...anonymous, alg: 'Ed25519' }], undefined)).toBeDefined();
  });

  it('leaves keys of other kinds aside [J09]', async () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      format: 'jwk',
    });
    const keys = [{ ...ec, kid: 'ec' }, one.jwk];
    expect(await find(keys, 'key-1')).toBeDefined();
    expect(await find(keys, 'ec')).toBeUndefined();
  });

  it.each([
    ['no array', {}],
    ['null', null],
    ['an array', [one.jwk]],
    ['no keys', { keys: [] }],
    ['a key that is null', { keys: [null] }],
    ['only an encryption key', { keys: [{ ...one.jwk, use: 'enc' }] }],
    ['only a key of another algorithm', { keys: [{ ...one.jwk, alg: 'ES256' }] }],
    ['only a key of another curve', { keys: [{ ...one.jwk, crv: 'Ed448' }] }],
    ['a short x', { keys: [{ ...one.jwk, x: 'AAAA' }] }],
    ['an x that is not canonical', { keys: [{ ...one.jwk, x: `${'A'.repeat(42)}B` }] }],
    ['a private key', { keys: [{ ...one.jwk, d: 'AAAA' }] }],
    ['a private key beside a good one', { keys: [two.jwk, { ...one.jwk, d: 'AAAA' }] }],
    ['two keys of one kid', { keys: [one.jwk, { ...two.jwk, kid: 'key-1' }] }],
  ])('refuses %s with a TypeError', (_, jwks) => {
    const options = { issuer: ISSUER, jwks } as ChallengeIssuer;
    expect(() => trustIssuer(options)).toThrow(TypeError);
    expect(() => trustIssuer(options)).toThrow(/jwks/);
  });

  it.each([
    ['http', 'http://issuer.example/jwks'],
    ['file', 'file:///etc/passwd'],
    ['data', 'data:application/json,{}'],
    ['no scheme', 'issuer.example/jwks'],
    ['nothing', ''],
    ['a number', 1],
  ])('refuses a jwksUrl of %s', (_, jwksUrl) => {
    const options = { issuer: ISSUER, jwksUrl } as ChallengeIssuer;
    expect(() => trustIssuer(options)).toThrow(new TypeError('jwksUrl must be an https URL.'));
  });

  it('needs a key set or a URL, and not both', () => {
    const rule = /must have either jwks: \{ keys: \[\.\.\.\] \} or jwksUrl\.$/;
    const both = { issuer: ISSUER, jwks: { keys: [one.jwk] }, jwksUrl: URL_OF_KEYS };
    for (const options of [{ issuer: ISSUER }, both]) {
      expect(() => trustIssuer(options as ChallengeIssuer)).toThrow(rule);
    }
  });

  it.each(['', ' ', 1, undefined, 'x'.repeat(513)])('refuses the issuer %j', (issuer) => {
    const options = { issuer, jwksUrl: URL_OF_KEYS } as ChallengeIssuer;
    expect(() => trustIssuer(options)).toThrow(
      /^issuer must be a string of 1 to 512 characters\.$/,
    );
  });
});

it('names an option of the fetch that it does not have', () => {
  const remote = { fecth: globalThis.fetch } as RemoteKeysOptions;
  expect(() => trustIssuer({ issuer: ISSUER, jwksUrl: URL_OF_KEYS }, remote)).toThrow(
    'trustIssuer() has no option fecth; it takes fetch, now, onError.',
  );
});

/** The key server of an issuer, with a clock that only the test moves. */
function createRemote(answer: (signal: AbortSignal) => Response | Promise<Response>) {
  let now = Date.UTC(2030, 0, 1);
  const requests: { url: unknown; init: RequestInit | undefined }[] = [];
  const errors: unknown[] = [];
  const remote = { answer };
  const { findKey } = trustIssuer(
    { issuer: ISSUER, jwksUrl: URL_OF_KEYS },
    {
      fetch: async (url, init) => {
        requests.push({ url, init });
        return remote.answer(init?.signal ?? AbortSignal.abort());
      },
      now: () => now,
      onError: async (error) => {
        errors.push(error);
        throw new Error('nobody waits for onError');
      },
    },
  );
  return {
    findKey,
    requests,
    errors,
    answer(next: typeof answer) {
      remote.answer = next;
    },
    advance(seconds: number) {
      now += seconds * 1000;
    },
  };
}

describe('trustIssuer: the URL of a key set', () => {
  it('fetches nothing before the first use, then the pinned URL alone, following no redirect', async () => {
    const remote = createRemote(() => new Response(set(one.jwk)));
    expect(remote.requests).toEqual([]);
    expect(await remote.findKey('key-1')).toBeDefined();
    expect(remote.requests).toHaveLength(1);
    expect(remote.requests[0]?.url).toBe(URL_OF_KEYS);
    expect(remote.requests[0]?.init?.redirect).toBe('manual');
    expect(remote.requests[0]?.init?.credentials ?? 'same-origin').not.toBe('include');
  });

  it('fetches once for 100 look-ups at once', async () => {
    const remote = createRemote(() => new Response(set(one.jwk)));
    const found = await Promise.all(Array.from({ length: 100 }, () => remote.findKey('key-1')));
    expect(found.every((key) => key !== undefined)).toBe(true);
    expect(remote.requests).toHaveLength(1);
  });

  it('fetches at most once in 30 s for 10,000 unknown key ids, and known keys go on working (go-oidc #482) [J03]', async () => {
    const remote = createRemote(() => new Response(set(one.jwk)));
    for (let index = 0; index < 10_000; index += 1) {
      expect(await remote.findKey(`made-up-${index}`)).toBeUndefined();
    }
    expect(remote.requests).toHaveLength(1);
    remote.advance(29);
    await remote.findKey('made-up');
    expect(remote.requests).toHaveLength(1);
    remote.advance(1);
    await remote.findKey('made-up');
    expect(remote.requests).toHaveLength(2);
    expect(await remote.findKey('key-1')).toBeDefined();
    expect(remote.requests).toHaveLength(2);
  });

  it('fetches again for a known key when its keys are ten minutes old', async () => {
    const remote = createRemote(() => new Response(set(one.jwk)));
    await remote.findKey('key-1');
    remote.advance(599);
    await remote.findKey('key-1');
    expect(remote.requests).toHaveLength(1);
    remote.advance(1);
    await remote.findKey('key-1');
    expect(remote.requests).toHaveLength(2);
  });

  it('finds a new key after the cooldown, and no longer one that was removed [J10]', async () => {
    const remote = createRemote(() => new Response(set(one.jwk)));
    await remote.findKey('key-1');
    remote.answer(() => new Response(set(one.jwk, two.jwk)));
    remote.advance(30);
    expect(await remote.findKey('key-2')).toBeDefined();
    expect(await remote.findKey('key-1')).toBeDefined();
    remote.answer(() => new Response(set(two.jwk)));
    remote.advance(600);
    expect(await remote.findKey('key-2')).toBeDefined();
    expect(await remote.findKey('key-1')).toBeUndefined();
  });

  const padded = (bytes: number) =>
    `{"keys":[${JSON.stringify(one.jwk)}],"pad":"${'x'.repeat(bytes)}"}`;
  const FAULTS: readonly (readonly [
    string,
    (signal: AbortSignal) => Response | Promise<Response>,
  ])[] = [
    ['500', () => new Response('oops', { status: 500 })],
    ['404 with keys', () => new Response(set(two.jwk), { status: 404 })],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
    ],
    ['an empty 200', () => new Response(null)],
    ['HTML', () => new Response('<html>')],
    ['null', () => new Response('null')],
    ['no key set', () => new Response('{}')],
    ['keys that are not an array', () => new Response('{"keys":{}}')],
    ['no usable key', () => new Response(set({ ...two.jwk, use: 'enc' }))],
    ['keys twice', () => new Response(`{"keys":[],${set(two.jwk).slice(1)}`)],
    ['invalid UTF-8', () => new Response(Uint8Array.from([0xff]))],
    ['more than 64 KiB', () => new Response(padded(65_536))],
    ['a refused connection', () => Promise.reject(new TypeError('fetch failed'))],
    [
      'a body that breaks off',
      () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error('cut')) })),
    ],
  ];

  it.each(FAULTS)(
    'that returns %s: known keys go on working, others are unknown, onError is called [J09]',
    async (_, fault) => {
      const remote = createRemote(() => new Response(set(one.jwk)));
      await remote.findKey('key-1');
      remote.answer(fault);
      remote.advance(600);
      expect(await remote.findKey('key-1')).toBeDefined();
      expect(await remote.findKey('key-2')).toBeUndefined();
      expect(remote.errors).toHaveLength(1);
      expect(remote.requests).toHaveLength(2);
      remote.answer(() => new Response(set(one.jwk, two.jwk)));
      remote.advance(30);
      expect(await remote.findKey('key-2')).toBeDefined();
    },
  );

  it.each(FAULTS)(
    'that returns %s at first: no key, fetched again after the cooldown [J09]',
    async (_, fault) => {
      const remote = createRemote(fault);
      expect(await remote.findKey('key-1')).toBeUndefined();
      expect(await remote.findKey('key-1')).toBeUndefined();
      expect(remote.requests).toHaveLength(1);
      remote.answer(() => new Response(set(one.jwk)));
      remote.advance(30);
      expect(await remote.findKey('key-1')).toBeDefined();
    },
  );

  it('revokes every key at once when the set has none, and finds new ones after the cooldown [J12]', async () => {
    const remote = createRemote(() => new Response(set(one.jwk)));
    expect(await remote.findKey('key-1')).toBeDefined();
    remote.answer(() => new Response('{"keys":[]}'));
    remote.advance(600);
    expect(await remote.findKey('key-1')).toBeUndefined();
    expect(await remote.findKey(undefined)).toBeUndefined();
    expect(remote.errors).toEqual([]);
    remote.answer(() => new Response('oops', { status: 500 }));
    remote.advance(30);
    expect(await remote.findKey('key-1')).toBeUndefined();
    remote.answer(() => new Response(set(two.jwk)));
    remote.advance(30);
    expect(await remote.findKey('key-2')).toBeDefined();
  });

  it.each(FAULTS)(
    'that returns %s for 24 h: known keys end, and work again after a good fetch [J09, J12]',
    async (_, fault) => {
      const remote = createRemote(() => new Response(set(one.jwk)));
      await remote.findKey('key-1');
      remote.answer(fault);
      remote.advance(86_399);
      expect(await remote.findKey('key-1')).toBeDefined();
      remote.advance(1);
      expect(await remote.findKey('key-1')).toBeUndefined();
      remote.answer(() => new Response(set(one.jwk)));
      remote.advance(30);
      expect(await remote.findKey('key-1')).toBeDefined();
    },
  );

  it('that fails after the clock was set back: known keys go on working [J12]', async () => {
    const remote = createRemote(() => new Response(set(one.jwk)));
    await remote.findKey('key-1');
    remote.answer(() => new Response('oops', { status: 500 }));
    remote.advance(-3_600);
    expect(await remote.findKey('key-1')).toBeDefined();
    expect(remote.requests).toHaveLength(2);
  });

  it('stops reading 1 GiB early [J09]', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(stream) {
        pulled += 1;
        if (pulled > 1024) stream.close();
        else stream.enqueue(new Uint8Array(1_048_576));
      },
    });
    const remote = createRemote(() => new Response(endless));
    expect(await remote.findKey('key-1')).toBeUndefined();
    expect(pulled).toBeLessThan(10);
  });

  it('accepts a set of up to 64 KiB [J09]', async () => {
    const remote = createRemote(() => new Response(padded(60_000)));
    expect(await remote.findKey('key-1')).toBeDefined();
  });

  it('aborts the request to a server that never answers [J09]', async () => {
    let aborted = false;
    const remote = createRemote(
      (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    );
    const begin = performance.now();
    expect(await remote.findKey('key-1')).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(9_000);
    expect(aborted).toBe(true);
    expect(remote.errors).toHaveLength(1);
  }, 12_000);

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  it.each([
    ['a duplicate kid: none of the two', [one.jwk, { ...two.jwk, kid: 'key-1' }], false],
    [
      'three of one kid: none of them',
      [one.jwk, two.jwk, one.jwk].map((jwk) => ({ ...jwk, kid: 'key-1' })),
      false,
    ],
    ['a private key: not taken', [{ ...one.jwk, d: 'AAAA' }], false],
    ['a key for encryption: not taken', [{ ...one.jwk, use: 'enc' }], false],
    ['keys of other kinds: left aside', [{ ...ec, kid: 'ec' }, null, 1, 'x', {}, one.jwk], true],
    [
      'a key beyond the first hundred: not taken',
      [...Array(100).fill({ kty: 'RSA' }), one.jwk],
      false,
    ],
  ])('with %s [J09]', async (_, keys, isFound) => {
    const remote = createRemote(() => new Response(set(...keys)));
    expect((await remote.findKey('key-1')) !== undefined).toBe(isFound);
  });
});
