const again = 'Start again.';

/**
 * @typedef {'challenge' | 'create' | 'stepUp' | 'resume' | 'retry' | 'check' | 'host'} Place
 * @typedef {import('./api.js').Refusal} Refusal
 */

/**
 * For every code that the wire contract knows, and two of our own: `network` and `unknown`.
 * @type {Readonly<Record<string, string>>}
 */
const anywhere = {
  bad_request: 'The server did not understand this request. Reload the page and try again.',
  invalid_challenge_token: `This confirmation is not valid, or it was already completed. ${again}`,
  expired_challenge_token: `This confirmation took too long and has expired. ${again}`,
  token_mismatch: `This confirmation was made for something else. ${again}`,
  token_reused: `This confirmation was already used. ${again}`,
  bad_check_code: 'That code is not right.',
  unauthorized: `This code has expired or was already used. ${again}`,
  auth_blocked: 'This number or address cannot be used here.',
  rate_limited: 'Too many requests. Try again later.',
  not_found: 'The server does not know this address. Is the demo server up to date?',
  internal: 'Something went wrong on the server. Try again.',
  network: 'The server could not be reached. Check that it is running, and try again.',
};
const UNKNOWN = 'The server gave an answer that this page does not understand. Try again.';

/**
 * Where the same code means something else to the person who reads it.
 * @type {Readonly<Record<Place, Readonly<Record<string, string>>>>}
 */
const at = {
  challenge: {
    auth_blocked: 'The demo hands out challenges on this machine only.',
    not_found: 'The demo hands out challenges on this machine only.',
    internal: 'The confirmation could not be started. Try again.',
  },
  create: {
    bad_request:
      'No code can be sent there. Enter a mobile number with its country code, like ' +
      '+1 202 555 0123, or an e-mail address.',
    internal: 'The message could not be sent. Try again.',
  },
  stepUp: {
    internal: 'The message could not be sent. Try again.',
  },
  resume: {
    internal: 'The code that was sent could not be looked up. Reload the page to try again.',
    network: 'The server could not be reached. Check that it is running, and reload the page.',
  },
  retry: {
    auth_blocked: 'No more messages can be sent there. A code that has arrived still works.',
    internal:
      'The message could not be sent. Try again. A code that has already arrived still works.',
  },
  check: {
    bad_request: 'Enter the 6 digits of the code.',
    auth_blocked: 'This code cannot be checked here.',
    internal: 'The code could not be checked. Try again.',
  },
  host: {
    bad_request: `The code was right, but the host did not accept the token. ${again}`,
    unauthorized: `The code was right, but the host did not accept the token. ${again}`,
    auth_blocked: `The code was right, but the host refused the request. ${again}`,
    rate_limited: `The code was right, but the host had too many requests. ${again}`,
    not_found: `The code was right, but the host has no endpoint that takes the token. ${again}`,
    internal: `The code was right, but the host failed to use the token. ${again}`,
    network: `The code was right, but the host did not answer. ${again}`,
    unknown: `The code was right, but the host’s answer makes no sense. ${again}`,
  },
};

/**
 * What to tell a person about a refused call.
 * @param {Place} place
 * @param {Refusal} refusal
 */
export function wordsFor(place, { code, attemptsLeft = -1, retryAfterSeconds = 0 }) {
  if (code === 'bad_check_code' && attemptsLeft === 0) {
    return `That code is not right, and this was the last try. ${again}`;
  }
  if (code === 'bad_check_code' && attemptsLeft > 0) {
    return `That code is not right. ${triesLeft(attemptsLeft)}`;
  }
  if (place !== 'host' && (code === 'rate_limited' || retryAfterSeconds > 0)) {
    const what = place === 'check' ? 'Too many tries.' : 'Too many codes were asked for.';
    return `${what} Try again ${retryAfterSeconds > 0 ? inWords(retryAfterSeconds) : 'later'}.`;
  }
  return at[place][code] ?? anywhere[code] ?? at[place].unknown ?? UNKNOWN;
}

/**
 * Where a page stands that goes on after a reload.
 * @param {import('./api.js').Status} status
 */
export function wordsForStatus({ attempts_left }) {
  return `The code has already been sent. ${triesLeft(attempts_left)}`;
}

/** @param {number} count */
function triesLeft(count) {
  return `${count} ${count === 1 ? 'try' : 'tries'} left.`;
}

const final = new Set([
  'unauthorized',
  'invalid_challenge_token',
  'expired_challenge_token',
  'token_mismatch',
  'token_reused',
]);

/**
 * Whether no further try or retry can help this verification.
 * @param {Refusal} refusal
 */
export function endsVerification({ code, attemptsLeft }) {
  return final.has(code) || (code === 'bad_check_code' && attemptsLeft === 0);
}

/** @param {number} seconds */
function inWords(seconds) {
  if (seconds < 120) return `in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  if (seconds < 7200) return `in about ${Math.ceil(seconds / 60)} minutes`;
  return `in about ${Math.ceil(seconds / 3600)} hours`;
}
