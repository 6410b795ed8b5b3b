import { createHmac, type KeyObject } from 'node:crypto';
import type { Json, TestIssuer } from '@otp/testing';
import { encodeSegment, signCompact } from '@otp/testing/internal';
import { type Choices, pick } from './choices.js';
import { mutateBytes, mutateText } from './mutate.js';

/** The answer that a token causes by itself, whatever the request is. */
type TokenVerdict =
  | 'good'
  | 'invalid_challenge_token'
  | 'expired_challenge_token'
  | 'token_mismatch'
  /** Bound to a key: a check requires a proof. */
  | 'unproven'
  /** Signed by the trusted key, with randomly changed claims: any answer is allowed except a fault. */
  | 'open';

export interface GeneratedToken {
  readonly token: string;
  readonly verdict: TokenVerdict;
}

export interface TokenSource {
  readonly issuer: TestIssuer;
  /** A key that is not trusted. */
  readonly otherKey: KeyObject;
  /** The claims of a valid token. */
  readonly claims: Json;
  /** Two valid tokens. */
  readonly token: string;
  readonly otherToken: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

type Change = readonly [change: (source: TokenSource) => Json, verdict: TokenVerdict];
const INVALID = 'invalid_challenge_token';

const CLAIMS: readonly [Change, ...Change[]] = [
  [() => ({}), 'good'],
  [({ now }) => ({ iat: now - 100, exp: now - 29 }), 'good'],
  [({ now }) => ({ iat: now + 30 }), 'good'],
  [() => ({ aud: ['other', 'app'] }), 'good'],
  [() => ({ sid: undefined, unknown: { a: 1 } }), 'good'],
  [() => ({ sub: 'é'.repeat(512) }), 'good'],
  [({ now }) => ({ iat: now - 100, exp: now - 30 }), 'expired_challenge_token'],
  [({ now }) => ({ iat: now - 100, exp: now - 31, aud: 'other' }), 'expired_challenge_token'],
  [() => ({ iat: 0, exp: 1 }), 'expired_challenge_token'],
  [() => ({ cnf: { jkt: 'x'.repeat(43) } }), 'unproven'],
  [() => ({ sid: 'session-2' }), 'token_mismatch'],
  [() => ({ aud: 'other' }), 'token_mismatch'],
  [() => ({ aud: ['App', 'app '] }), 'token_mismatch'],
  [({ now }) => ({ iat: now + 31 }), INVALID],
  [({ now }) => ({ nbf: now + 31 }), INVALID],
  [({ now }) => ({ exp: now + 86_401 }), INVALID],
  [() => ({ exp: 1e308 }), INVALID],
  [() => ({ exp: '9999999999' }), INVALID],
  [() => ({ iss: 'https://issuer.example/' }), INVALID],
  [() => ({ iss: 'https://otp.example' }), INVALID],
  [() => ({ iss: ['https://issuer.example'] }), INVALID],
  [() => ({ jti: 'x'.repeat(15) }), INVALID],
  [() => ({ jti: 'x'.repeat(129) }), INVALID],
  [() => ({ current_step: 'completed' }), INVALID],
  [() => ({ current_step: 'enter_password' }), INVALID],
  [() => ({ current_step: '__proto__' }), INVALID],
  [() => ({ steps: [{ order: 1, key: 'verify_sms', done: true }] }), INVALID],
  [() => ({ steps: 'verify_sms' }), INVALID],
  [() => ({ identifier: { type: 'phone_number', value: '112' } }), INVALID],
  [() => ({ identifier: { type: 'email_address', value: 'user@example.com' } }), INVALID],
  [() => ({ cnf: {} }), INVALID],
  [() => ({ metadata: 'x'.repeat(4096) }), INVALID],
  ...[
    'iss',
    'aud',
    'sub',
    'iat',
    'exp',
    'jti',
    'challenge_id',
    'current_step',
    'identifier',
  ].flatMap((name): Change[] => [
    [() => ({ [name]: undefined }), INVALID],
    [() => ({ [name]: null }), INVALID],
  ]),
];

const HEADERS: readonly [Change, ...Change[]] = [
  [() => ({}), 'good'],
  [() => ({ typ: undefined, cty: 'x' }), 'good'],
  [() => ({ kid: undefined }), 'good'],
  ...['none', 'HS256', 'ES256', 'RS256', 'ed25519', 'eddsa', '', null, ['EdDSA']].map(
    (alg): Change => [() => ({ alg }), INVALID],
  ),
  ...['at+jwt', 'jwt', '', null, 1].map((typ): Change => [() => ({ typ }), INVALID]),
  ...['issuer-2', '', null, 1, {}, '__proto__'].map((kid): Change => [() => ({ kid }), INVALID]),
  [({ issuer }) => ({ jwk: issuer.jwk }), INVALID],
  [() => ({ jku: 'https://evil.example/jwks.json' }), INVALID],
  [() => ({ x5u: 'https://evil.example/cert' }), INVALID],
  [() => ({ x5c: [] }), INVALID],
  [() => ({ crit: ['exp'] }), INVALID],
  [() => ({ crit: undefined, b64: true }), 'good'],
];

type Make = (source: TokenSource, choices: Choices) => GeneratedToken;

function headerOf({ issuer }: TokenSource): Json {
  return { alg: 'EdDSA', typ: 'JWT', kid: issuer.kid };
}

const signedClaims: Make = (source, choices) => {
  const [change, verdict] = pick(choices, CLAIMS);
  const claims = { ...source.claims, ...change(source) };
  return { token: signCompact(headerOf(source), claims, source.issuer.privateKey), verdict };
};

const signedHeader: Make = (source, choices) => {
  const [change, verdict] = pick(choices, HEADERS);
  const header = { ...headerOf(source), ...change(source) };
  return { token: signCompact(header, source.claims, source.issuer.privateKey), verdict };
};

/** An issuer may choose the order of members and the space between them. */
const respelledJson: Make = (source, choices) => {
  const members = Object.entries(source.claims);
  const turned = members.splice(choices.below(members.length)).concat(members);
  const payload = JSON.stringify(Object.fromEntries(turned), null, choices.below(3));
  return {
    token: signCompact(headerOf(source), payload, source.issuer.privateKey),
    verdict: 'good',
  };
};

const signedAtRandom: Make = (source, choices) => {
  const payload = mutateText(choices, JSON.stringify(source.claims));
  return {
    token: signCompact(headerOf(source), payload, source.issuer.privateKey),
    verdict: 'open',
  };
};

/** Changes a valid token. The result is valid only if it is the same token. */
function unsigned(source: TokenSource, token: string): GeneratedToken {
  const isSame = token === source.token || token === source.otherToken;
  return { token, verdict: isSame ? 'good' : INVALID };
}

const mutatedText: Make = (source, choices) => unsigned(source, mutateText(choices, source.token));

function segmentsOf(token: string): string[] {
  return token.split('.');
}

const mutatedSegment: Make = (source, choices) => {
  const segments = segmentsOf(source.token);
  const at = choices.below(segments.length);
  const bytes = Buffer.from(segments[at] ?? '', 'base64url');
  segments[at] = encodeSegment(mutateBytes(choices, bytes));
  return unsigned(source, segments.join('.'));
};

const swappedSegments: Make = (source, choices) => {
  const mine = segmentsOf(source.token);
  const theirs = segmentsOf(source.otherToken);
  const count = pick(choices, [3, 3, 3, 2, 4, 1, 0]);
  const mixed = Array.from({ length: count }, () => {
    const segments = choices.below(2) === 0 ? mine : theirs;
    return segments[choices.below(3)] ?? '';
  });
  return unsigned(source, mixed.join('.'));
};

const unsignedClaims: Make = (source, choices) => {
  const [change] = pick(choices, CLAIMS);
  const [header, , signature] = segmentsOf(source.token);
  const payload = encodeSegment({ ...source.claims, ...change(source) });
  return unsigned(source, [header, payload, signature].join('.'));
};

const signedByOther: Make = (source, choices) => {
  const [change] = pick(choices, CLAIMS);
  const claims = { ...source.claims, ...change(source) };
  const header = { ...headerOf(source), ...pick(choices, HEADERS)[0](source) };
  return unsigned(source, signCompact(header, claims, source.otherKey));
};

/** HS256 with the public key as its secret (Hono CVE-2026-22817), and no signature. */
const otherAlgorithm: Make = (source, choices) => {
  const alg = pick(choices, ['HS256', 'none', 'nOnE', 'EdDSA']);
  const input = [{ ...headerOf(source), alg }, source.claims].map(encodeSegment).join('.');
  const key = JSON.stringify(source.issuer.jwk);
  const mac = createHmac('sha256', key).update(input).digest('base64url');
  return unsigned(source, `${input}.${alg === 'HS256' || alg === 'EdDSA' ? mac : ''}`);
};

/** Spellings that lax base64url decoders accept for the same bytes. */
const respelledSegment: Make = (source, choices) => {
  const segments = segmentsOf(source.token);
  const at = choices.below(segments.length);
  const segment = segments[at] ?? '';
  const middle = choices.below(segment.length);
  segments[at] = pick(choices, [
    `${segment}=`,
    `${segment}==`,
    segment.replaceAll('-', '+').replaceAll('_', '/'),
    `${segment}A`,
    `${segment} `,
    ` ${segment}`,
    `${segment.slice(0, middle)}\n${segment.slice(middle)}`,
    `${segment.slice(0, middle)}=${segment.slice(middle)}`,
    `${segment.slice(0, -1)}${nextDigit(segment.slice(-1))}`,
    encodeURIComponent(`${segment}+`),
  ]);
  return unsigned(source, segments.join('.'));
};

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The next base64url digit that differs in unused bits only: another spelling of the same bytes. */
function nextDigit(digit: string): string {
  return DIGITS.charAt((DIGITS.indexOf(digit) + 1) % DIGITS.length);
}

const around: Make = (source, choices) => {
  const { token } = source;
  const text = pick(choices, [
    `Bearer ${token}`,
    `${token}.`,
    `.${token}`,
    `"${token}"`,
    `${token}\n`,
    `${token},${token}`,
  ]);
  return unsigned(source, text);
};

const unchanged: Make = ({ token }) => ({ token, verdict: 'good' });

/** Tokens that are refused before verification are more frequent, since signing is slow. */
const MAKES: readonly [Make, ...Make[]] = [
  unchanged,
  signedClaims,
  signedClaims,
  signedHeader,
  respelledJson,
  signedAtRandom,
  mutatedText,
  mutatedText,
  mutatedText,
  mutatedSegment,
  mutatedSegment,
  swappedSegments,
  swappedSegments,
  unsignedClaims,
  signedByOther,
  otherAlgorithm,
  respelledSegment,
  respelledSegment,
  around,
  around,
];

/** Generates a challenge token that is valid or resembles a valid one. */
export function generateToken(choices: Choices, source: TokenSource): GeneratedToken {
  return pick(choices, MAKES)(source, choices);
}
