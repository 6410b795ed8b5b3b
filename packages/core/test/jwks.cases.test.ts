import { createTestClock, type TestIssuer } from '@otp/testing';
import {
  answerOf,
  challengeClaims,
  createTestIssuer,
  setUp,
  signCompact,
  type TestKit,
  times,
  UNLIMITED,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';

const ISSUER = 'https://remote.example';
const JWKS_URL = 'https://remote.example/jwks.json';
const INVALID = 'invalid_challenge_token';

type Answer = (init: RequestInit | undefined) => Response | Promise<Response>;

/** A service that trusts an issuer whose key set is behind a URL that the test answers. */
function setUpRemote(first: Answer) {
  const clock = createTestClock();
  let answer = first;
  const requests: { url: string; init: RequestInit | undefined }[] = [];
  const t = setUp({
    testClock: clock,
    retryIntervalSeconds: 0,
    limits: UNLIMITED,
    challengeIssuers: [{ issuer: ISSUER, jwksUrl: JWKS_URL }],
    fetch: async (input, init) => {
      requests.push({ url: String(input), init });
      return answer(init);
    },
  });
  return {
    t,
    requests,
    answerWith(next: Answer) {
      answer = next;
    },
  };
}

function keySet(...issuers: readonly TestIssuer[]): Answer {
  return () => new Response(JSON.stringify({ keys: issuers.map(({ jwk }) => jwk) }));
}

async function createBy(t: TestKit, { kid, privateKey }: TestIssuer): Promise<string> {
  const claims = challengeClaims(ISSUER, t.clock.now());
  const challenge_token = signCompact({ alg: 'EdDSA', kid }, claims, privateKey);
  return answerOf(await t.create({ challenge_token }));
}

const known = createTestIssuer(ISSUER, 'known');
const fresh = createTestIssuer(ISSUER, 'fresh');

describe('J02', () => {
  test.each(['jwk', 'jku', 'x5u', 'x5c', 'crit'])(
    '%s in the header fetches nothing, not even the keys of the issuer [J02]',
    async (member) => {
      const { t, requests } = setUpRemote(keySet(known));
      const value = member === 'jwk' ? known.jwk : ['https://evil.example/keys'];
      const claims = challengeClaims(ISSUER, t.clock.now());
      for (const each of [value, 'https://evil.example/keys']) {
        const header = { alg: 'EdDSA', kid: known.kid, [member]: each };
        const challenge_token = signCompact(header, claims, known.privateKey);
        expect(answerOf(await t.create({ challenge_token }))).toBe(INVALID);
      }
      expect(requests).toEqual([]);
      expect(await createBy(t, known)).toBe('204');
      expect(requests.map(({ url }) => url)).toEqual([JWKS_URL]);
    },
  );
});

describe('J04', () => {
  test('a token over 4 KiB is refused before a key is fetched [J04]', async () => {
    const { t, requests } = setUpRemote(keySet(known));
    const claims = { ...challengeClaims(ISSUER, t.clock.now()), metadata: 'x'.repeat(3000) };
    const challenge_token = signCompact({ alg: 'EdDSA', kid: known.kid }, claims, known.privateKey);
    expect(challenge_token.length).toBeGreaterThan(4096);
    expect(answerOf(await t.create({ challenge_token }))).toBe(INVALID);
    expect(requests).toEqual([]);
  });
});

describe('J03', () => {
  test('go-oidc #482 10,000 unknown key ids cost one fetch in 30 s, and good tokens pass [J03]', async () => {
    const { t, requests } = setUpRemote(keySet(known));
    expect(await createBy(t, known)).toBe('204');
    expect(requests).toHaveLength(1);
    const [, payload, signature] = t.challenge({ iss: ISSUER }).split('.');
    const unknown = (n: number) => {
      const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid: `made-up-${n}` }));
      return `${header.toString('base64url')}.${payload}.${signature}`;
    };
    t.clock.advance(31);
    for (let batch = 0; batch < 10; batch += 1) {
      const answers = await Promise.all(
        times(1000, (n) => t.create({ challenge_token: unknown(batch * 1000 + n) })),
      );
      expect(new Set(answers.map(answerOf))).toEqual(new Set([INVALID]));
      expect(await createBy(t, known)).toBe('204');
    }
    expect(requests).toHaveLength(2);
    t.clock.advance(30);
    await t.create({ challenge_token: unknown(0) });
    expect(requests).toHaveLength(3);
  });

  test('a token of an unknown issuer costs no fetch [J03]', async () => {
    const { t, requests } = setUpRemote(keySet(known));
    const challenge_token = t.challenge({ iss: 'https://nobody.example' });
    expect(answerOf(await t.create({ challenge_token }))).toBe(INVALID);
    expect(requests).toHaveLength(0);
  });

  test('a key that is published later is found once the cooldown is over [J03]', async () => {
    const { t, answerWith } = setUpRemote(keySet(known));
    expect(await createBy(t, fresh)).toBe(INVALID);
    answerWith(keySet(known, fresh));
    expect(await createBy(t, fresh)).toBe(INVALID);
    t.clock.advance(30);
    expect(await createBy(t, fresh)).toBe('204');
  });
});

describe('J09', () => {
  const broken: [string, Answer][] = [
    ['returns 500', () => new Response('oops', { status: 500 })],
    [
      'returns 404 with keys',
      () => new Response(JSON.stringify({ keys: [fresh.jwk] }), { status: 404 }),
    ],
    ['rejects', () => Promise.reject(new TypeError('fetch failed'))],
    ['returns no JSON', () => new Response('<html>')],
    ['returns no key set', () => new Response('{"keys":{}}')],
    ['returns null', () => new Response('null')],
    ['returns nothing', () => new Response(null, { status: 204 })],
    [
      'returns keys of other kinds',
      () => new Response('{"keys":[{"kty":"RSA","kid":"fresh"},null,1]}'),
    ],
    [
      'redirects',
      () => new Response(null, { status: 302, headers: { location: 'https://evil.example/' } }),
    ],
  ];

  test.each(broken)(
    'a JWKS URL that %s leaves known keys valid, and others unknown [J09]',
    async (_, answer) => {
      const { t, requests, answerWith } = setUpRemote(keySet(known));
      expect(await createBy(t, known)).toBe('204');
      answerWith(answer);
      for (const minutes of [1, 11, 60]) {
        t.clock.advance(minutes * 60);
        expect([minutes, await createBy(t, fresh)]).toEqual([minutes, INVALID]);
        expect([minutes, await createBy(t, known)]).toEqual([minutes, '204']);
      }
      t.assertEffects({ stored: 4, sent: 4 });
      expect(new Set(requests.map(({ url }) => url))).toEqual(new Set([JWKS_URL]));
      answerWith(keySet(known, fresh));
      t.clock.advance(60);
      expect(await createBy(t, fresh)).toBe('204');
    },
  );

  test('a JWKS URL that returns an empty set revokes the keys at once [J12]', async () => {
    const { t, answerWith } = setUpRemote(keySet(known));
    expect(await createBy(t, known)).toBe('204');
    answerWith(() => new Response('{"keys":[]}'));
    t.clock.advance(600);
    expect(await createBy(t, known)).toBe(INVALID);
    answerWith(keySet(known));
    t.clock.advance(30);
    expect(await createBy(t, known)).toBe('204');
  });

  test.each(broken)(
    'a JWKS URL that %s for a day makes tokens of known keys invalid [J09, J12]',
    async (_, answer) => {
      const { t, answerWith } = setUpRemote(keySet(known));
      expect(await createBy(t, known)).toBe('204');
      answerWith(answer);
      t.clock.advance(86_399);
      expect(await createBy(t, known)).toBe('204');
      t.clock.advance(1);
      expect(await createBy(t, known)).toBe(INVALID);
    },
  );

  test.each(broken)(
    'a JWKS URL that %s at first use makes tokens invalid, not internal [J09]',
    async (_, answer) => {
      const { t } = setUpRemote(answer);
      await t.untouched(async () => {
        expect(await createBy(t, known)).toBe(INVALID);
      });
    },
  );

  test('a redirect is not followed [J09]', async () => {
    const { t, requests } = setUpRemote(keySet(known));
    await createBy(t, known);
    expect(requests[0]?.init?.redirect).toBe('manual');
  });

  test('a key set of 1 GiB is not read to its end [J09]', async () => {
    let pulled = 0;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          if (pulled > 1024 * 1024) controller.close();
          else controller.enqueue(new Uint8Array(1024).fill(0x20));
        },
      });
    const { t, answerWith } = setUpRemote(keySet(known));
    expect(await createBy(t, known)).toBe('204');
    answerWith(() => new Response(endless()));
    t.clock.advance(60);
    expect(await createBy(t, fresh)).toBe(INVALID);
    expect(pulled).toBeLessThan(100);
    expect(await createBy(t, known)).toBe('204');
  });

  test('a JWKS URL that never responds, or never ends its body, hangs nothing [J09]', async () => {
    const never = new Promise<Response>(() => {});
    const silent = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const started = performance.now();
    await Promise.all(
      [() => never, silent].map(async (answer) => {
        const { t, answerWith } = setUpRemote(keySet(known));
        expect(await createBy(t, known)).toBe('204');
        answerWith(answer);
        t.clock.advance(11 * 60);
        const answers = await Promise.all([createBy(t, known), createBy(t, fresh)]);
        expect(answers).toEqual(['204', INVALID]);
      }),
    );
    // The configured limit is 3 s.
    expect(performance.now() - started).toBeLessThan(9_000);
  }, 15_000);

  test('two keys with the same kid are ignored, and known keys go on working [J09]', async () => {
    const { t, answerWith } = setUpRemote(keySet(known));
    expect(await createBy(t, known)).toBe('204');
    const twin = createTestIssuer(ISSUER, 'fresh');
    answerWith(keySet(known, fresh, twin));
    t.clock.advance(60);
    expect(await createBy(t, fresh)).toBe(INVALID);
    expect(await createBy(t, twin)).toBe(INVALID);
    expect(await createBy(t, known)).toBe('204');
  });

  test.each(['http://remote.example/jwks.json', 'file:///etc/passwd', 'jwks.json', ''])(
    'a service is not created with %j as JWKS URL [J09]',
    (jwksUrl) => {
      expect(() => setUp({ challengeIssuers: [{ issuer: ISSUER, jwksUrl }] })).toThrow(TypeError);
    },
  );
});

describe('J10', () => {
  test("of another issuer's keys both verify while both are listed, then the new one alone [J10]", async () => {
    const { t, answerWith } = setUpRemote(keySet(known));
    expect(await createBy(t, known)).toBe('204');
    answerWith(keySet(fresh, known));
    t.clock.advance(30);
    expect(await createBy(t, fresh)).toBe('204');
    expect(await createBy(t, known)).toBe('204');
    answerWith(keySet(fresh));
    t.clock.advance(10 * 60);
    expect(await createBy(t, fresh)).toBe('204');
    expect(await createBy(t, known)).toBe(INVALID);
  });
});
