const { ERRORS } = await import('../../../packages/core/src/lib/errors.ts');
const { MESSAGES } = await import('../../../packages/testing/src/lib/http/messages.ts');

/** @typedef {keyof typeof ERRORS} ErrorCode */
/**
 * @typedef {object} ErrorText
 * @property {string} when
 * @property {string} [message] of the example
 */

/** @type {Readonly<Record<ErrorCode, ErrorText>>} */
const TEXTS = {
  bad_request: {
    when: 'The request is malformed: content type, JSON, size, members, a recipient that is not valid, an unknown `login_config_id`; at check, a step-up without its `challenge_token`.',
    message: MESSAGES.contentType,
  },
  invalid_challenge_token: {
    when: 'The challenge token is not valid; at create also one whose step is done or is not a step by code.',
    message: MESSAGES.tokenInvalid,
  },
  expired_challenge_token: {
    when: 'The challenge token is valid but has expired.',
    message: MESSAGES.tokenExpired,
  },
  token_mismatch: {
    when: 'The challenge token is valid but belongs to another app, session, recipient, verification or DPoP key.',
    message: MESSAGES.tokenForeign,
  },
  bad_check_code: {
    when: 'The code is wrong. With the last allowed wrong code the verification ends, and its cookie is cleared.',
    message: MESSAGES.codeWrong,
  },
  unauthorized: {
    when: 'The request has no handle, or its verification is unknown, expired, used or out of guesses.',
    message: MESSAGES.noVerification,
  },
  auth_blocked: {
    when: 'Policy refuses the request: destination, block list, guard, foreign origin, a recipient that cannot be reached; at create also a limit, with `Retry-After`.',
    message: MESSAGES.policy,
  },
  not_found: {
    when: 'The path has no route: the service is mounted at another path, or is too old for this one.',
    message: MESSAGES.noRoute,
  },
  token_reused: {
    when: 'The step of the challenge token was already completed by another verification.',
    message: MESSAGES.tokenDone,
  },
  rate_limited: {
    when: 'A limit refuses the request. At create only if the host has chosen this code for limits on sending.',
    message: MESSAGES.sendLimit,
  },
  internal: { when: 'The store, every sender or the server failed.' },
};

const MESSAGE = {
  type: 'string',
  description: 'For developers: names the field and the rule, and never contains a value.',
};
const ATTEMPTS_LEFT = {
  type: 'integer',
  minimum: 0,
  maximum: 4,
  description: 'How many wrong codes are still allowed.',
};

/** The codes of the table of core, each with its status, its schema and an example of its body. */
export const errors = Object.entries(ERRORS).map(([name, { type, status }]) => {
  const code = /** @type {ErrorCode} */ (name);
  const { when, message } = TEXTS[code];
  const isCounted = code === 'bad_check_code';
  const required = ['code', 'type'];
  if (code === 'bad_request') required.push('message');
  if (isCounted) required.push('attempts_left');
  return {
    code,
    status,
    schema: {
      type: 'object',
      description: when,
      required,
      properties: {
        code: { type: 'string', const: code },
        type: { type: 'string', const: type },
        message: MESSAGE,
        ...(isCounted && { attempts_left: ATTEMPTS_LEFT }),
      },
    },
    example: { code, type, ...(message && { message }), ...(isCounted && { attempts_left: 4 }) },
  };
});

/** @param {string} code @returns {string} the name of its schema, which the published contract has too */
export const schemaName = (code) =>
  code === 'internal' ? 'InternalError' : `${toPascal(code)}Error`;

/** @param {string} code */
export const toPascal = (code) => code.replace(/(?:^|_)(.)/g, (_, letter) => letter.toUpperCase());
