import { type Choices, happens, pick } from './choices.js';
import { generateIdentifier } from './identifier.js';
import { mutateBytes, mutateText } from './mutate.js';

/** The values that a client knows. */
export interface Known {
  /** `name=value` of the verification cookie. */
  readonly cookie: string;
  /** The newest code, and another. */
  readonly code: string;
  readonly wrongCode: string;
  /** The challenge token of a step-up; undefined in the standalone flow. */
  readonly token: string | undefined;
  /** A challenge token that no verification was created with. */
  readonly otherToken: string;
}

type Members = Record<string, unknown>;

const ODD_VALUES = [
  null,
  '',
  0,
  true,
  [],
  {},
  'x',
  -1.5,
  1e308,
  [['a']],
  { type: 'email_address' },
  '\0',
  '\ud800',
  'é',
  '123456',
  ['EMAIL'],
  'a'.repeat(129),
  'a\r\nb',
] as const;
const NAMES = [
  'identifier',
  'challenge_token',
  'code',
  'code_challenge',
  'dispatch_id',
  'login_config_id',
  'unknown',
  '',
] as const;
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'] as const;

/** Generates the members of a body that is well formed and mostly valid. */
export function generateBody(choices: Choices, path: string, known: Known): string {
  return JSON.stringify(generateMembers(choices, path, known));
}

/** Generates an odd body: with unexpected members, or written unusually. Undefined: no body. */
export function generateOddBody(
  choices: Choices,
  path: string,
  known: Known,
): string | Uint8Array | undefined {
  const members = generateMembers(choices, path, known);
  if (choices.below(2) === 1) changeMembers(choices, members);
  return pick<Write>(choices, WRITES)(members, choices);
}

function generateMembers(choices: Choices, path: string, known: Known): Members {
  if (path === '/retry') return {};
  return path === '/check' ? checkMembers(choices, known) : createMembers(choices, known);
}

/** Ways in which people type a code. The first ones are valid. */
const TYPED: readonly [Type, ...Type[]] = [
  ({ code }) => code,
  ({ code }) => code,
  ({ code }) => ` ${code.slice(0, 3)}-${code.slice(3)}\n`,
  ({ code }) => code.replace(/./g, (digit) => '٠١٢٣٤٥٦٧٨٩'.charAt(Number(digit))),
  ({ wrongCode }) => wrongCode,
  ({ wrongCode }) => wrongCode,
  () => '0123456789',
  ({ code }) => `${code.slice(1)}\uff11`,
];
type Type = (known: Known) => string;

function checkMembers(choices: Choices, known: Known): Members {
  const code = pick(choices, TYPED)(known);
  const isOdd = happens(choices, 10);
  const token = isOdd ? pick(choices, [undefined, known.otherToken, 'x.y.z']) : known.token;
  return token === undefined ? { code } : { code, challenge_token: token };
}

function createMembers(choices: Choices, known: Known): Members {
  const kind = choices.below(10);
  const members: Members = kind < 8 ? { identifier: generateIdentifier(choices) } : {};
  if (kind > 6) members.challenge_token = known.token ?? known.otherToken;
  if (happens(choices, 10)) members.dispatch_id = pick(choices, ['d-1', 'a'.repeat(128), 'a b']);
  if (happens(choices, 10)) {
    members.code_challenge = pick(choices, ['a'.repeat(43), 'a'.repeat(42)]);
    members.code_challenge_method = pick(choices, [undefined, 'S256', 'plain']);
  }
  if (happens(choices, 10)) {
    members.login_config_id = pick(choices, ['text', 'mail', 'no', 'toString']);
  }
  return members;
}

function changeMembers(choices: Choices, members: Members): void {
  const name = pick(choices, NAMES);
  switch (choices.below(5)) {
    case 0:
      members[name] = pick(choices, ODD_VALUES);
      break;
    case 1:
      delete members[name];
      break;
    case 2:
      members.unknown = nested(1 + choices.below(40));
      break;
    case 3:
      for (let left = choices.below(18); left > 0; left -= 1) members[`m${left}`] = left;
      break;
    default:
      if (typeof members[name] === 'string') members[name] = mutateText(choices, members[name]);
      else members.identifier = pick(choices, ODD_VALUES);
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

type Write = (members: Members, choices: Choices) => string | Uint8Array | undefined;

const plain: Write = (members) => JSON.stringify(members);

/** Other JSON for the same value. */
const respelled: Write = (members, choices) => {
  const text = JSON.stringify(members);
  return pick(choices, [
    JSON.stringify(members, null, 2),
    ` \t\r\n${text} `,
    text.replace(/[a-z](?=[^"]*"\s*:)/, escaped),
    text.padEnd(8192),
    Buffer.from(text),
  ]);
};

/** Bodies that two parsers may read differently, or that are no JSON. */
const doubtful: Write = (members, choices) => {
  const text = JSON.stringify(members);
  const first = Object.keys(members)[0] ?? 'a';
  const name = pick(choices, [first, pick(choices, NAMES), pick(choices, FORBIDDEN)]);
  const before = text === '{}' ? '' : ',';
  return pick(choices, [
    text.replace(/\}$/, `${before}${JSON.stringify(name)}:"x"}`),
    text.replace(/^\{/, `{${JSON.stringify(name).replace(/[a-z]/, escaped)}:1,`),
    `${text}${text}`,
    `${text},`,
    `[${text}]`,
    `\ufeff${text}`,
    text.replaceAll('"', "'"),
    text.padEnd(8193),
    `${text.slice(0, -1)},"a":"${'é'.repeat(4096)}"}`,
    Buffer.from(text, 'utf16le'),
    Buffer.concat([Buffer.from(text), Buffer.from([0xc3])]),
    text.slice(0, choices.below(text.length)),
  ]);
};

function escaped(char: string): string {
  return `\\u00${char.charCodeAt(0).toString(16)}`;
}

const mutated: Write = (members, choices) => mutateText(choices, JSON.stringify(members));

const mutatedBytes: Write = (members, choices) =>
  mutateBytes(choices, Buffer.from(JSON.stringify(members)));

/** Bodies without the members. */
const arbitrary: Write = (_, choices) => {
  const bytes = Uint8Array.from({ length: choices.below(24) }, () => choices.below(256));
  const text = pick(choices, [
    '',
    'null',
    '[]',
    '1',
    '"x"',
    '{}',
    'true',
    '{',
    '{"a":',
    '\0',
    '{"":{}}',
    '(((('.repeat(3000),
  ]);
  const any: [Uint8Array, string, string, undefined] = [
    bytes,
    Buffer.from(bytes).toString('latin1'),
    text,
    undefined,
  ];
  return pick<string | Uint8Array | undefined>(choices, any);
};

const WRITES: readonly [Write, ...Write[]] = [
  plain,
  plain,
  respelled,
  respelled,
  doubtful,
  doubtful,
  mutated,
  mutated,
  mutatedBytes,
  arbitrary,
];
