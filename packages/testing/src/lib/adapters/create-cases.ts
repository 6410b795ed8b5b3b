import assert from 'node:assert/strict';
import { SendError } from '@otp/core';
import { assertCreated, assertFailure, assertSentAgain } from '../http/assert-response.js';
import { cookieOf, type Header, headerValues, post } from '../http/exchange.js';
import { MESSAGES } from '../http/messages.js';
import { type AdapterCase, EMAIL, PHONE, repeatingFields, scenario } from '../kit/scenario.js';
import { createTestSender } from '../service/test-sender.js';

const TYPE: Header = ['content-type', 'application/json'];

/** `POST /` in both flows: successes, then refusals in the order of the contract. */
export const createCases: readonly AdapterCase[] = [
  scenario('create sends a code to an e-mail address and sets the cookie', async (t) => {
    const identifier = { type: 'email_address', value: 'User@Example.com' };
    assertCreated(await t.exchange(post('/', { identifier, dispatch_id: 'd-1:a.b_c' })));
    t.assertEffects({ stored: 1, sent: 1 });
    const [message] = t.sender.messages;
    assert.equal(message?.channel, 'email');
    assert.equal(message?.to, 'user@example.com');
    assert.equal(message?.dispatchId, 'd-1:a.b_c');
    assert.match(message?.code ?? '', /^[0-9]{6}$/);
  }),

  scenario('create sends a code to the canonical form of a mobile number', async (t) => {
    const identifier = { type: 'phone_number', value: '+330612345678' };
    assertCreated(await t.exchange(post('/', { identifier })));
    t.assertEffects({ stored: 1, sent: 1 });
    assert.equal(t.sender.messages[0]?.channel, 'sms');
    assert.equal(t.sender.messages[0]?.to, '+33612345678');
  }),

  scenario('create sets a new cookie each time, whatever the client sends [K07]', async (t) => {
    const first = await t.open(EMAIL);
    t.clock.advance(30);
    const second = cookieOf(await t.exchange(post('/', EMAIL, { cookie: first })));
    assert.notEqual(second, first);
  }),

  scenario('create accepts a challenge token alone, and with its own recipient', async (t) => {
    assertCreated(await t.exchange(post('/', { challenge_token: t.challenge() })));
    assert.equal(t.sender.messages[0]?.to, '+33612345678');
    t.clock.advance(30);
    const both = {
      challenge_token: t.challenge(),
      identifier: { type: 'phone_number', value: '+330612345678' },
    };
    assertCreated(await t.exchange(post('/', both)));
    t.assertEffects({ stored: 2, sent: 2 });
  }),

  scenario('create refuses a challenge token with another recipient [J07]', async (t) => {
    const both = { challenge_token: t.challenge(), ...EMAIL };
    const refused = await t.exchange(post('/', both));
    assertFailure(refused, 'token_mismatch', { message: MESSAGES.tokenForeign });
    t.assertEffects({ stored: 0, sent: 0 });
  }),

  scenario(
    'create uses the login config that the client names',
    async (t) => {
      const byPhone = { ...PHONE, login_config_id: 'long' };
      assertCreated(await t.exchange(post('/', byPhone)), 120);
      assert.match(t.code(), /^[0-9]{8}$/);
      const unknown = await t.exchange(post('/', { ...PHONE, login_config_id: 'nope' }));
      assertFailure(unknown, 'bad_request', { message: MESSAGES.loginConfigUnknown });
      const unsuited = await t.exchange(post('/', { ...EMAIL, login_config_id: 'long' }));
      assertFailure(unsuited, 'bad_request', { message: MESSAGES.loginConfigUnsuited });
      t.assertEffects({ stored: 1, sent: 1 });
    },
    () => ({ loginConfigs: { long: { channel: 'sms', codeLength: 8, ttlSeconds: 120 } } }),
  ),

  scenario('create refuses bodies that are not one JSON object [B04]', async (t) => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    await t.untouched(async () => {
      for (const body of [
        undefined,
        '',
        'null',
        '[]',
        '"x"',
        '1',
        '{',
        '{}{}',
        '\ufeff{}',
        bytes,
      ]) {
        assertFailure(await t.exchange(post('/', body)), 'bad_request', { message: MESSAGES.body });
      }
    });
  }),

  scenario(
    'create refuses members that are missing, duplicated or of the wrong type [B07]',
    async (t) => {
      const phone = { type: 'phone_number', value: 'user@example.com' };
      const refusals = [
        ['{}', MESSAGES.neither],
        [
          '{"identifier":{"type":"email_address","value":"a@b.co","value":"c@d.eu"}}',
          MESSAGES.duplicate,
        ],
        [{ identifier: { type: ['email_address'], value: 'a@b.co' } }, MESSAGES.identifierType],
        [{ identifier: phone }, MESSAGES.phone],
        [{ identifier: { type: 'email_address', value: 'a@localhost' } }, MESSAGES.email],
      ] as const;
      await t.untouched(async () => {
        for (const [body, message] of refusals) {
          assertFailure(await t.exchange(post('/', body)), 'bad_request', { message });
        }
      });
    },
  ),

  scenario('create accepts application/json in any letter case, in UTF-8 only [B02]', async (t) => {
    const accepted = post('/', EMAIL, { contentType: 'Application/JSON; charset=UTF-8' });
    assertCreated(await t.exchange(accepted));
    const form = 'application/x-www-form-urlencoded';
    const others = ['text/plain', form, 'multipart/form-data; boundary=x', null];
    const odd = [
      'application/json garbage',
      'application/json; charset=latin1',
      'application/jsonp',
    ];
    await t.untouched(async () => {
      for (const contentType of [...others, ...odd]) {
        const refused = await t.exchange(post('/', JSON.stringify(EMAIL), { contentType }));
        assertFailure(refused, 'bad_request', { message: MESSAGES.contentType });
      }
    });
  }),

  repeatingFields(
    scenario('create refuses two content types, even if they are the same [B02]', async (t) => {
      const contentType = t.dropsRepeatedFields ? 'text/plain' : 'application/json';
      await t.untouched(async () => {
        for (const second of [TYPE, ['content-type', 'text/plain']] as const) {
          const twice = await t.exchange(post('/', EMAIL, { contentType, headers: [second] }));
          assertFailure(twice, 'bad_request', { message: MESSAGES.contentType });
        }
      });
    }),
  ),

  scenario('create refuses every content encoding but identity [B03]', async (t) => {
    const identity: Header = ['content-encoding', 'identity'];
    assertCreated(await t.exchange(post('/', EMAIL, { headers: [identity] })));
    await t.untouched(async () => {
      for (const coding of ['gzip', 'br', 'identity, gzip']) {
        const refused = await t.exchange(
          post('/', EMAIL, { headers: [['content-encoding', coding]] }),
        );
        assertFailure(refused, 'bad_request', { message: MESSAGES.contentEncoding });
      }
    });
  }),

  scenario('create accepts a body of 8192 bytes and refuses one byte more [B03]', async (t) => {
    const text = JSON.stringify(EMAIL);
    assertCreated(await t.exchange(post('/', text.padEnd(8192))));
    await t.untouched(async () => {
      const larger = await t.exchange(post('/', text.padEnd(8193)));
      assertFailure(larger, 'bad_request', { message: MESSAGES.bodyTooLarge });
    });
  }),

  scenario('create counts the bytes of a body, not its characters [B03]', async (t) => {
    const padded = (bytes: number) => {
      const text = JSON.stringify({ ...EMAIL, note: '' });
      const filler = 'é'.repeat((bytes - text.length) >> 1);
      return JSON.stringify({ ...EMAIL, note: filler }).padEnd(bytes - filler.length);
    };
    assertCreated(await t.exchange(post('/', padded(8192))));
    const larger = await t.exchange(post('/', padded(8193)));
    assertFailure(larger, 'bad_request', { message: MESSAGES.bodyTooLarge });
  }),

  scenario(
    'create refuses challenge tokens that are invalid, expired or completed [J04, J05, J07]',
    async (t) => {
      const now = Math.floor(t.clock.now() / 1000);
      const forged = t.challenge().replace(/[^.]+$/, (text) => `${text.slice(2)}AA`);
      const refusals = [
        ['not a token', 'invalid_challenge_token', MESSAGES.tokenInvalid],
        [forged, 'invalid_challenge_token', MESSAGES.tokenInvalid],
        [
          t.challenge({ iss: 'https://other.example' }),
          'invalid_challenge_token',
          MESSAGES.tokenInvalid,
        ],
        [t.challenge({ current_step: 'completed' }), 'invalid_challenge_token', MESSAGES.tokenStep],
        [
          t.challenge({ iat: now - 600, exp: now - 31 }),
          'expired_challenge_token',
          MESSAGES.tokenExpired,
        ],
        [t.challenge({ aud: 'other-app' }), 'token_mismatch', MESSAGES.tokenForeign],
      ] as const;
      await t.untouched(async () => {
        for (const [challenge_token, code, message] of refusals) {
          assertFailure(await t.exchange(post('/', { challenge_token })), code, { message });
        }
      });
    },
  ),

  scenario(
    'create refuses a challenge of another session [J07]',
    async (t) => {
      const refused = await t.exchange(post('/', { challenge_token: t.challenge() }));
      assertFailure(refused, 'token_mismatch', { message: MESSAGES.tokenForeign });
      const challenge_token = t.challenge({ sid: 'session-2' });
      assertCreated(await t.exchange(post('/', { challenge_token })));
      t.assertEffects({ stored: 1, sent: 1 });
    },
    () => ({ session: async () => 'session-2' }),
  ),

  scenario(
    'create refuses a challenge that names a session if nobody is signed in [J07]',
    async (t) => {
      const refused = await t.exchange(post('/', { challenge_token: t.challenge() }));
      assertFailure(refused, 'token_mismatch', { message: MESSAGES.tokenForeign });
      t.assertEffects({ stored: 0, sent: 0 });
    },
    () => ({ session: () => null }),
  ),

  scenario('create refuses a challenge whose step is completed [J08]', async (t) => {
    const challenge_token = t.challenge();
    const cookie = await t.open({ challenge_token });
    const done = await t.exchange(post('/check', { code: t.code(), challenge_token }, { cookie }));
    assert.equal(done.status, 200, done.body);
    t.clock.advance(30);
    const refused = await t.exchange(post('/', { challenge_token }));
    assertFailure(refused, 'invalid_challenge_token', { message: MESSAGES.tokenDone });
    t.assertEffects({ stored: 1, sent: 1 });
  }),

  scenario('create refuses the sixth create of one challenge [J08]', async (t) => {
    const challenge_token = t.challenge({ exp: Math.floor(t.clock.now() / 1000) + 3600 });
    for (let count = 0; count < 5; count += 1) {
      await t.open({ challenge_token });
      t.clock.advance(240);
    }
    const refused = await t.exchange(post('/', { challenge_token }));
    const headers: Header[] = [['retry-after', '2430']];
    assertFailure(refused, 'auth_blocked', { message: MESSAGES.createLimit, headers });
    t.assertEffects({ stored: 5, sent: 5 });
  }),

  scenario(
    'create refuses countries that are not served [I08]',
    async (t) => {
      await t.untouched(async () => {
        const refused = await t.exchange(post('/', PHONE));
        assertFailure(refused, 'auth_blocked', { message: MESSAGES.policy });
      });
    },
    () => {
      const testSender = createTestSender();
      return { testSender, channels: { sms: { sender: testSender, countries: ['US'] } } };
    },
  ),

  scenario(
    'create passes headers and device id of the request to the guard and refuses if it blocks',
    async (t) => {
      const probe: Header[] = [
        ['x-probe', 'let me in'],
        ['x-device-id', 'device-1'],
      ];
      assertCreated(await t.exchange(post('/', EMAIL, { headers: probe })));
      t.clock.advance(30);
      const refused = await t.exchange(post('/', EMAIL));
      assertFailure(refused, 'auth_blocked', { message: MESSAGES.policy });
      t.assertEffects({ stored: 1, sent: 1 });
    },
    () => ({
      guard: ({ header, identifier, deviceId }) =>
        identifier.value === 'user@example.com' &&
        header('x-probe')[0] === 'let me in' &&
        deviceId === 'device-1'
          ? 'allow'
          : 'block',
    }),
  ),

  scenario(
    'create looks successful if the guard blocks silently: nothing is sent, and its cookie never verifies',
    async (t) => {
      const cookie = await t.open(EMAIL);
      t.assertEffects({ stored: 1, sent: 0 });
      const checked = await t.exchange(post('/check', { code: '123456' }, { cookie }));
      assertFailure(checked, 'bad_check_code', { message: MESSAGES.codeWrong, attemptsLeft: 4 });
      const headers: Header[] = [['retry-after', '30']];
      const soon = await t.exchange(post('/', EMAIL));
      assertFailure(soon, 'auth_blocked', { message: MESSAGES.createLimit, headers });
      t.clock.advance(30);
      assertSentAgain(await t.exchange(post('/retry', {}, { cookie })));
      t.assertEffects({ stored: 1, sent: 0 });
    },
    () => ({ guard: () => 'block', onBlock: 'silent', waitUntil: () => {} }),
  ),

  scenario(
    'create refuses a challenge if no recipient of its user is known',
    async (t) => {
      const refused = await t.exchange(post('/', { challenge_token: t.challenge() }));
      assertFailure(refused, 'auth_blocked', { message: MESSAGES.policy });
      t.assertEffects({ stored: 0, sent: 0 });
    },
    () => ({ findRecipient: () => undefined }),
  ),

  scenario('create within the interval is refused with the time to wait [R08]', async (t) => {
    await t.open(EMAIL);
    const refused = await t.exchange(post('/', EMAIL));
    // Later the wait depends on the client address: without one it is rounded up.
    const headers: Header[] = [['retry-after', '30']];
    assertFailure(refused, 'auth_blocked', { message: MESSAGES.createLimit, headers });
    t.assertEffects({ stored: 1, sent: 1 });
    t.clock.advance(30);
    await t.open(EMAIL);
  }),

  scenario(
    'create over a limit is rate_limited if the host opted in',
    async (t) => {
      await t.open(EMAIL);
      const refused = await t.exchange(post('/', EMAIL));
      const headers: Header[] = [['retry-after', '30']];
      assertFailure(refused, 'rate_limited', { message: MESSAGES.createLimit, headers });
      t.assertEffects({ stored: 1, sent: 1 });
    },
    () => ({ limitErrorCode: 'rate_limited' }),
  ),

  scenario('create refuses a recipient that every provider refuses', async (t) => {
    t.sender.fail(new SendError('rejected', 'no such mailbox'));
    const refused = await t.exchange(post('/', EMAIL));
    assertFailure(refused, 'auth_blocked', { message: MESSAGES.policy });
    t.assertEffects({ stored: 0, sent: 0 });
  }),

  scenario('create fails without a cookie when no sender is available [S11]', async (t) => {
    t.sender.fail(new SendError('unavailable', 'the provider is down'));
    assertFailure(await t.exchange(post('/', EMAIL)), 'internal');
    t.assertEffects({ stored: 0, sent: 0 });
    t.sender.fail(undefined);
    await t.open(EMAIL);
  }),

  scenario('create fails and sends nothing when the store is down [S01]', async (t) => {
    t.store.fail(new Error('connection refused'));
    const failed = await t.exchange(post('/', EMAIL));
    assertFailure(failed, 'internal');
    assert.deepEqual(headerValues(failed, 'set-cookie'), []);
    t.assertEffects({ stored: 0, sent: 0 });
  }),
];
