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
 * @typedef {{ ok: true, data: Data, retryAfterSeconds?: number | undefined } | Refusal} Answer
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
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
  } catch {
    return { ok: false, code: 'network' };
  }
  const data = await response.json().catch(() => ({}));
  const retryAfterSeconds = toSeconds(response.headers.get('Retry-After'));
  if (response.ok) return { ok: true, data, retryAfterSeconds };
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

/** @param {string} path */
const get = (path) => request(path, { headers: { Accept: 'application/json' } });

/** @param {string} path @param {object} body */
const post = (path, body) =>
  request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body),
  });

/** The library's endpoints. @param {object} body */
export const createOtp = (body) => post('/v1/session/otp', body);
export const retryOtp = () => post('/v1/session/otp/retry', {});
/** @param {object} body */
export const checkOtp = (body) => post('/v1/session/otp/check', body);

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
  return answer.ok ? answer.data : { retryIntervalSeconds: 30 };
}
