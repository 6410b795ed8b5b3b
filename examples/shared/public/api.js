const TIMEOUT_MS = 15_000;

/**
 * An answer as plain data, never a rejection: `{ ok: true, data }`, or `{ ok: false, code }` with
 * `network` for no answer at all and `unknown` for an answer that is not from this API.
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

// For answers from something in between, which have no code of ours.
function codeOf(status) {
  if (status === 404) return 'not_found';
  return status >= 500 ? 'internal' : 'unknown';
}

function toSeconds(header) {
  return /^\d+$/.test(header ?? '') ? Number(header) : undefined;
}

const get = (path) => request(path, { headers: { Accept: 'application/json' } });

const post = (path, body) =>
  request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body),
  });

/** The library's endpoints. */
export const createOtp = (body) => post('/v1/session/otp', body);
export const retryOtp = () => post('/v1/session/otp/retry', {});
export const checkOtp = (body) => post('/v1/session/otp/check', body);

/** The host's own endpoints, which take a completed token. */
export const startSession = (token) => post('/demo/session', { challenge_token: token });
export const makeTransfer = (token) => post('/demo/transfer', { challenge_token: token });

/** What only a demo has. */
export const createChallenge = (step) => post('/dev/challenge', { scope: 'transfer:create', step });
export const readInbox = () => get('/dev/inbox');

export async function readConfig() {
  const answer = await get('/demo/config');
  return answer.ok ? answer.data : { retryIntervalSeconds: 30 };
}
