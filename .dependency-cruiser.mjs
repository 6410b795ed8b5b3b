// Who may import what: rooms of core, packages of each other, libraries from npm. `pnpm imports` checks it, type imports
// included.

/** The rooms of core, a folder or a file of `src/lib` each. A room imports only from those before it. */
export const ROOMS = [
  'util',
  'ports',
  'errors',
  'identifier',
  'keys',
  'http',
  'adapters',
  'challenge',
  'limit-options',
  'limits',
  'memory-store',
  'messages',
  'events',
  'verification',
  'senders',
  'delivery',
  'channels',
  'options',
  'config',
  'resolve-options',
  'request',
  'operations',
  'calls',
  'handle',
  'service',
];

/** Rooms that stand beside the others: they import only from these. */
const BESIDE = {
  'memory-store': ['util', 'ports', 'limits'],
  http: ['util', 'ports', 'errors'],
  adapters: ['util', 'ports', 'http'],
};

const CORE = '^packages/core/src/';
const LIB = `${CORE}lib/`;
const TEST = '\\.test\\.ts$|/test/';

/** @param {readonly string[]} rooms */
const inRooms = (rooms) => `${LIB}(${rooms.join('|')})(/|\\.ts$)`;

/** A module of an npm package, or its type package. @param {readonly string[]} names */
const fromNpm = (names) => `node_modules/(@types/)?(${names.join('|')})/`;

/** @param {string} room @param {number} index */
function roomRule(room, index) {
  const allowed = BESIDE[room] ?? ROOMS.slice(0, index);
  return {
    name: `room-${room}`,
    comment: `${room} may import from: ${allowed.join(', ') || 'no other room'}`,
    severity: 'error',
    from: { path: inRooms([room]), pathNot: TEST },
    to: { path: CORE, pathNot: inRooms([room, ...allowed]) },
  };
}

/**
 * @param {readonly string[]} names of npm packages
 * @param {readonly string[]} homes where they may be imported, as patterns
 */
function homeRule(names, homes) {
  return {
    name: `home-of-${names[0]}`,
    comment: `${names.join(', ')}: only in ${homes.join(', ')}`,
    severity: 'error',
    from: { path: '^packages/[^/]+/src/', pathNot: [TEST, ...homes] },
    to: { path: fromNpm(names) },
  };
}

const rules = [
  {
    name: 'resolvable',
    comment: 'An import that is not found is one that no rule here sees.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-cycle',
    comment: 'Modules that import each other cannot be read, or tested, one by one.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  ...ROOMS.map(roomRule),
  {
    name: 'room-unknown',
    comment: 'Every file of src/lib belongs to a room that ROOMS names.',
    severity: 'error',
    from: { path: LIB, pathNot: [inRooms(ROOMS), TEST] },
    to: {},
  },
  {
    name: 'core-imports-no-package',
    comment: 'Adapters, stores, senders and suites build on core, never the reverse.',
    severity: 'error',
    from: { path: CORE, pathNot: TEST },
    to: { path: '^packages/', pathNot: '^packages/core/' },
  },
  {
    name: 'packages-import-core-only',
    comment:
      'A package imports core and itself; only tests import @otp/testing. Next is on top of fetch.',
    severity: 'error',
    from: { path: '^packages/([^/]+)/src/', pathNot: [TEST, '^packages/next/'] },
    to: { path: '^packages/', pathNot: ['^packages/core/', '^packages/$1/'] },
  },
  {
    name: 'next-imports-core-and-fetch-only',
    comment: '@otp/next is @otp/fetch and what is Next’s own.',
    severity: 'error',
    from: { path: '^packages/next/src/', pathNot: TEST },
    to: { path: '^packages/', pathNot: '^packages/(core|fetch|next)/' },
  },
  {
    name: 'fetch-imports-no-node',
    comment: '@otp/fetch has web standards only.',
    severity: 'error',
    from: { path: '^packages/fetch/src/', pathNot: TEST },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'packages-by-their-entries',
    comment:
      'src/lib of another package is private: import an entry (@otp/core, @otp/core/adapter, …).',
    severity: 'error',
    from: { path: '^((packages|examples)/[^/]+|bench)/' },
    to: { path: '^packages/[^/]+/src/lib/', pathNot: '^$1/' },
  },
  {
    name: 'source-imports-no-test',
    comment: 'What is published imports neither our test helpers nor a suite.',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/', pathNot: TEST },
    to: { path: ['^test/', '^packages/[^/]+/test/', '\\.test\\.ts$'] },
  },
  {
    name: 'source-imports-no-dev-dependency',
    comment: 'A host does not install our devDependencies. Types of a peer are erased.',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/', pathNot: TEST },
    to: {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['type-only', 'npm-peer'],
      pathNot: '^packages/',
    },
  },
  homeRule(['jose'], [`${LIB}challenge/`, `${LIB}keys/`]),
  homeRule(['libphonenumber-js'], [`${LIB}identifier/`]),
  homeRule(['express', 'express-serve-static-core'], ['^packages/express/']),
  homeRule(['fastify'], ['^packages/fastify/']),
  homeRule(['next', 'react', 'react-dom'], ['^packages/next/']),
  homeRule(['aws-lambda'], ['^packages/lambda/']),
  homeRule(['ioredis', 'redis', '@redis'], ['^packages/store-redis/']),
  homeRule(['pg'], ['^packages/store-postgres/']),
  homeRule(['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb'], ['^packages/store-dynamodb/']),
  homeRule(['@aws-sdk/client-sns', '@aws-sdk/client-sesv2'], ['^packages/sender-aws/']),
  homeRule(['nodemailer'], ['^packages/sender-smtp/']),
];

export default {
  forbidden: rules,
  options: {
    // Also what TypeScript erases: a type that lives upstairs is a way upstairs.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^(packages|examples)/[^/]+/dist/', '^(bench|test)/dist/', '/[.]next/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
