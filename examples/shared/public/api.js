const API = '/v1/session/otp';
const TIMEOUT_MS = 15_000;

/**
 * @typedef {object} Refusal
 * @property {false} ok
 * @property {string} code of the API, or `network` for no answer at all, or `unknown` for one that is not from it
 * @property {number | undefined} [status]
 * @property {number | undefined} [attemptsLeft]
 * @property {number | undefined} [retryAfterSeconds]
 */

/**
 * @template [Data=any]
 * @typedef {{ ok: true, data: Data, retryAfterSeconds?: number | undefined, handle?: string | undefined } | Refusal} Answer
 */

/**
 * What `GET /status` answers.
 * @typedef {object} Status
 * @property {'standalone' | 'step-up'} flow
 * @property {'sms' | 'email' | 'whatsapp'} channel
 * @property {number} attempts_left
 * @property {number | null} retry_after seconds; null when no send is left
 * @property {string} expires_at
 * @property {string | null} recipient_hint null in a step-up
 */

/**
 * An answer as plain data, never a rejection.
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Answer>}
 */
async function request(path, init) {
  let response;
  try {
    response = await fetch(path, {
      // With the cookie also where the API is on another origin.
      credentials: 'include',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
  } catch {
    return { ok: false, code: 'network' };
  }
  const data = await response.json().catch(() => ({}));
  const retryAfterSeconds = toSeconds(response.headers.get('Retry-After'));
  const handle = response.headers.get('X-Verification-Token') ?? undefined;
  if (response.ok) return { ok: true, data, retryAfterSeconds, handle };
  return {
    ok: false,
    status: response.status,
    code: data.code ?? codeOf(response.status),
    attemptsLeft: data.attempts_left,
    retryAfterSeconds,
  };
}

/**
 * For answers from something in between, which have no code of ours.
 * @param {number} status
 */
function codeOf(status) {
  if (status === 404) return 'not_found';
  return status >= 500 ? 'internal' : 'unknown';
}

/** @param {string | null} header */
function toSeconds(header) {
  return /^\d+$/.test(header ?? '') ? Number(header) : undefined;
}

/** @param {string | undefined} handle @returns {Record<string, string>} */
const headersWith = (handle) => ({
  Accept: 'application/json',
  ...(handle !== undefined && { 'X-Verification-Token': handle }),
});

/** @param {string} path @param {string} [handle] */
const get = (path, handle) => request(path, { headers: headersWith(handle) });

/** @param {string} path @param {object} body @param {string} [handle] */
const post = (path, body, handle) =>
  request(path, {
    method: 'POST',
    headers: { ...headersWith(handle), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** The library's endpoints; `handle` goes with `transport: 'header'`. @param {object} body */
export const createOtp = (body) => post(API, body);
/** @param {string} [handle] */
export const retryOtp = (handle) => post(`${API}/retry`, {}, handle);
/** @param {object} body @param {string} [handle] */
export const checkOtp = (body, handle) => post(`${API}/check`, body, handle);
/** @param {string} [handle] @returns {Promise<Answer<Status>>} */
export const readStatus = (handle) => get(`${API}/status`, handle);

/**
 * Seconds until the next retry; until the end of the verification when no send is left.
 * @param {Status} status
 */
export function secondsToRetry({ retry_after, expires_at }) {
  return retry_after ?? Math.ceil((Date.parse(expires_at) - Date.now()) / 1000);
}

/** The host's own endpoints, which take a completed token. @param {string} token */
export const startSession = (token) => post('/demo/session', { challenge_token: token });
/** @param {string} token */
export const makeTransfer = (token) => post('/demo/transfer', { challenge_token: token });

/** What only a demo has. @param {string} step */
export const createChallenge = (step) => post('/dev/challenge', { scope: 'transfer:create', step });
/** With subject and HTML. */
export const readWholeInbox = () => get('/dev/inbox?whole=1');

export async function readConfig() {
  const answer = await get('/demo/config');
  return answer.ok ? answer.data : { retryIntervalSeconds: 30, transport: 'cookie' };
}
