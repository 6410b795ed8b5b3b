import type { Window } from '../ports.js';
import type { FlowLimitOptions, LimitOptions } from './limit-options.js';
import { mostWithin, sharedPart } from './windows.js';

const DAY_SECONDS = 86_400;

/**
 * Refuses limits that contradict each other: one of them would have no effect, and the host would not notice. Only options
 * that the host has set are compared: it may lower one limit without the others.
 *
 * @throws TypeError that names the option and says what to write
 */
export function assertConsistent(limits: LimitOptions, retryIntervalSeconds?: number): void {
  const { standalone = {}, stepUp = {}, app, numberPrefix, numberPrefixShare } = limits;
  assertPart(
    standalone.recipientShare,
    standalone.recipient,
    'standalone.recipientShare must not admit more than limits.standalone.recipient, of which it is a part',
  );
  assertPart(
    numberPrefixShare,
    numberPrefix,
    'numberPrefixShare must not admit more than limits.numberPrefix, of which it is a part',
  );
  for (const [flow, each] of Object.entries<FlowLimitOptions>({ standalone, stepUp })) {
    assertPart(
      each.clientAddress,
      each.clientNetwork,
      `${flow}.clientNetwork must not admit less than limits.${flow}.clientAddress: a network has several addresses`,
    );
  }
  assertPart(
    standalone.app,
    app?.map(sharedPart),
    'standalone.app must not admit more than four fifths of limits.app, which standalone creates may use',
  );
  assertPart(stepUp.app, app, 'stepUp.app must not admit more than limits.app');
  assertGap(retryIntervalSeconds, { standalone, stepUp });
  assertSample(limits);
}

/** Refuses a part that admits more in one of its windows than the whole does in the same time or in more. */
function assertPart(
  part: readonly Window[] = [],
  whole: readonly Window[] = [],
  rule: string,
): void {
  const isAbove = ({ max, windowSeconds }: Window) =>
    whole.some((each) => each.windowSeconds >= windowSeconds && max > each.max);
  if (part.some(isAbove)) throw new TypeError(`limits.${rule}.`);
}

/** The gaps between creates end with the shortest window. */
function assertGap(
  retryIntervalSeconds = 0,
  { standalone = {}, stepUp = {} }: Pick<LimitOptions, 'standalone' | 'stepUp'>,
): void {
  const limits = {
    'standalone.recipient': standalone.recipient,
    'standalone.recipientShare': standalone.recipientShare,
    'stepUp.recipient': stepUp.recipient,
  };
  for (const [name, windows = []] of Object.entries(limits)) {
    const shortest = Math.min(...windows.map(({ windowSeconds }) => windowSeconds));
    if (retryIntervalSeconds > shortest) {
      throw new TypeError(
        `retryIntervalSeconds must be at most ${shortest}, the shortest window of limits.${name}, with which the time between creates ends.`,
      );
    }
  }
}

function assertSample({ numberPrefix, conversion }: LimitOptions): void {
  if (numberPrefix === undefined || !conversion) return;
  const most = mostWithin(numberPrefix, DAY_SECONDS);
  if ((conversion.prefixSampleSize ?? 0) > most) {
    throw new TypeError(
      `limits.conversion.prefixSampleSize must be at most ${most}, what limits.numberPrefix admits in a day; with limits.conversion: false no prefix is judged.`,
    );
  }
}
