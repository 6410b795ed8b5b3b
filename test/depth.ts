const DEPTHS = ['quick', 'full'] as const;

/** How much the tests do: `quick` in `npm test`, `full` in `npm run test:full`. */
type Depth = (typeof DEPTHS)[number];

/** The variable `OTP_TEST_DEPTH`; `quick` unless it is set. */
export const depth: Depth = readDepth(process.env.OTP_TEST_DEPTH);

/**
 * Picks what a test does at the depth of this run. A test file that uses it is listed in `SCALED` in
 * vitest.config.ts.
 */
export function byDepth<T>(choices: Readonly<Record<Depth, T>>): T {
  return choices[depth];
}

function readDepth(setting = 'quick'): Depth {
  const found = DEPTHS.find((each) => each === setting);
  if (found === undefined) throw new TypeError(`OTP_TEST_DEPTH must be ${DEPTHS.join(' or ')}.`);
  return found;
}
