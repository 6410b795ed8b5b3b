import assert from 'node:assert/strict';
import {
  assertFailure,
  assertResponse,
  assertSentAgain,
  assertVerified,
  CLEARED,
  JSON_BODY,
  NO_STORE,
} from '../http/assert-response.js';
import {
  cookieOf,
  type ExchangeResponse,
  type Header,
  headerValues,
  post,
} from '../http/exchange.js';
import { MESSAGES } from '../http/messages.js';
import {
  type AdapterCase,
  EMAIL,
  repeatingFields,
  type Scenario,
  scenario,
} from '../kit/scenario.js';

const GONE = { message: MESSAGES.noVerification };

/** The `X-Verification-Token` of a create, as a field that a client sends back. */
function tokenField(response: ExchangeResponse): Header {
  assert.equal(response.status, 204);
  const [token = '', ...more] = headerValues(response, 'x-verification-token');
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(more, []);
  return ['x-verification-token', token];
}

function assertVerifiedByHeader(response: ExchangeResponse): void {
  const { challenge_token } = JSON.parse(response.body);
  const body = JSON.stringify({ challenge_token });
  assertResponse(response, { status: 200, headers: [NO_STORE, JSON_BODY], body });
}

async function withWrongCodes(t: Scenario, headers: readonly Header[]): Promise<ExchangeResponse> {
  for (let guesses = 0; guesses < 4; guesses += 1) {
    await t.exchange(post('/check', { code: t.wrongCode() }, { headers }));
  }
  return t.exchange(post('/check', { code: t.wrongCode() }, { headers }));
}

/** The handle of a verification: the cookie, `X-Verification-Token`, or both. */
export const transportCases: readonly AdapterCase[] = [
  scenario(
    'by header no cookie is set, read or cleared [K08]',
    async (t) => {
      const created = await t.exchange(post('/', EMAIL));
      const field = tokenField(created);
      assertResponse(created, { status: 204, headers: [NO_STORE, field], body: '' });
      const cookie = `__verification-login_app=${field[1]}`;
      const byCookie = await t.exchange(post('/check', { code: t.code() }, { cookie }));
      assertFailure(byCookie, 'unauthorized', GONE);
      t.clock.advance(30);
      // Without a body or a type, as some clients send it.
      const bare = post('/retry', undefined, { headers: [field], contentType: null });
      assertSentAgain(await t.exchange(bare));
      const status = await t.exchange({ method: 'GET', path: '/status', headers: [field] });
      assert.equal(status.status, 200);
      const foreign = { cookie: '__verification-login_app=x', headers: [field] };
      assertVerifiedByHeader(await t.exchange(post('/check', { code: t.code() }, foreign)));
      assertFailure(
        await t.exchange(post('/check', { code: t.code() }, foreign)),
        'unauthorized',
        GONE,
      );
    },
    () => ({ transport: 'header' }),
  ),

  scenario(
    'by header the last wrong code clears no cookie [K08]',
    async (t) => {
      const field = tokenField(await t.exchange(post('/', EMAIL)));
      const last = await withWrongCodes(t, [field]);
      assertFailure(last, 'bad_check_code', { message: MESSAGES.codeWrong, attemptsLeft: 0 });
    },
    () => ({ transport: 'header' }),
  ),

  scenario(
    'with both the header decides, also a malformed one beside a good cookie [K08]',
    async (t) => {
      const created = await t.exchange(post('/', EMAIL));
      const [name, token] = tokenField(created);
      const cookie = cookieOf(created);
      assert.equal(cookie, `__verification-login_app=${token}`);
      for (const value of ['', 'x', `${token}x`, 'A'.repeat(43), `${token}, ${token}`]) {
        const headers: Header[] = [[name, value]];
        const refused = await t.exchange(post('/check', { code: t.code() }, { cookie, headers }));
        assertFailure(refused, 'unauthorized', GONE);
      }
      const headers: Header[] = [[name, token]];
      const other = { cookie: `__verification-login_app=${'A'.repeat(43)}`, headers };
      assertVerifiedByHeader(await t.exchange(post('/check', { code: t.code() }, other)));
    },
    () => ({ transport: 'both' }),
  ),

  scenario(
    'with both the cookie alone suffices, and is cleared [K08]',
    async (t) => {
      const cookie = cookieOf(await t.exchange(post('/', EMAIL)));
      assertVerified(await t.exchange(post('/check', { code: t.code() }, { cookie })));
      const headers = [CLEARED];
      const again = await t.exchange(post('/check', { code: t.code() }, { cookie }));
      assertFailure(again, 'unauthorized', { ...GONE, headers });
    },
    () => ({ transport: 'both' }),
  ),

  repeatingFields(
    scenario(
      'a header that is sent twice is unauthorized, beside a good cookie too [K08]',
      async (t) => {
        if (t.dropsRepeatedFields) return;
        const created = await t.exchange(post('/', EMAIL));
        const field = tokenField(created);
        const twice = { cookie: cookieOf(created), headers: [field, field] };
        const refused = await t.exchange(post('/check', { code: t.code() }, twice));
        assertFailure(refused, 'unauthorized', GONE);
      },
      () => ({ transport: 'both' }),
    ),
  ),

  scenario('by cookie the header is neither sent nor read [K08]', async (t) => {
    const cookie = await t.open(EMAIL);
    const token = cookie.split('=')[1] ?? '';
    const byHeader = { headers: [['x-verification-token', token]] as const };
    const refused = await t.exchange(post('/check', { code: t.code() }, byHeader));
    assertFailure(refused, 'unauthorized', GONE);
    const beside = { cookie, headers: [['x-verification-token', 'x']] as const };
    assertVerified(await t.exchange(post('/check', { code: t.code() }, beside)));
  }),

  scenario(
    'a retry without body and type passes by cookie unless a foreign page may have sent it',
    async (t) => {
      const cookie = await t.open(EMAIL);
      const retry = (headers: readonly Header[]) =>
        t.exchange(post('/retry', undefined, { cookie, headers, contentType: null }));
      t.clock.advance(30);
      const crossSite = await retry([['sec-fetch-site', 'cross-site']]);
      assertFailure(crossSite, 'bad_request', { message: MESSAGES.contentType });
      const unlisted = await retry([['origin', 'https://app.example.com']]);
      assertFailure(unlisted, 'bad_request', { message: MESSAGES.contentType });
      assertSentAgain(await retry([['sec-fetch-site', 'same-site']]));
    },
  ),

  scenario(
    'a partitioned cookie is set and cleared with its attributes',
    async (t) => {
      const attributes = 'Path=/; HttpOnly; Secure; SameSite=None; Max-Age=';
      const created = await t.exchange(post('/', EMAIL));
      const cookie = cookieOf(created);
      const set = `${cookie}; ${attributes}600; Partitioned`;
      assert.deepEqual(headerValues(created, 'set-cookie'), [set]);
      const checked = await t.exchange(post('/check', { code: t.code() }, { cookie }));
      const cleared = `__verification-login_app=; ${attributes}0; Partitioned`;
      assert.deepEqual(headerValues(checked, 'set-cookie'), [cleared]);
    },
    () => ({ cookie: { partitioned: true } }),
  ),
];
