import type { Window } from '../ports.js';
import type { LimitsConfig } from './limit-options.js';
import { mostWithin, sharedPart } from './windows.js';

const DAY_SECONDS = 86_400;

/**
 * Refuses limits that contradict each other: one of them would have no effect, and the host would not notice.
 *
 * @throws TypeError that names the option and says what to write
 */
export function assertConsistent(limits: LimitsConfig, retryIntervalSeconds: number): void {
  const { standalone, stepUp, app = [], numberPrefix, numberPrefixShare, conversion } = limits;
  const fits = (part: readonly Window[] | undefined, whole: readonly Window[], rule: string) => {
    if (part?.some((each) => isAbove(each, whole))) throw new TypeError(`limits.${rule}.`);
  };
  fits(
    standalone.recipientShare,
    standalone.recipient,
    'standalone.recipientShare must not admit more than limits.standalone.recipient, of which it is a part',
  );
  fits(
    numberPrefixShare,
    numberPrefix,
    'numberPrefixShare must not admit more than limits.numberPrefix, of which it is a part',
  );
  for (const [flow, { clientAddress, clientNetwork }] of Object.entries({ standalone, stepUp })) {
    fits(
      clientAddress,
      clientNetwork,
      `${flow}.clientNetwork must not admit less than limits.${flow}.clientAddress: a network has several addresses`,
    );
  }
  fits(
    standalone.app,
    app.map(sharedPart),
    'standalone.app must not admit more than four fifths of limits.app, which standalone creates may use',
  );
  fits(stepUp.app, app, 'stepUp.app must not admit more than limits.app');
  assertGap(retryIntervalSeconds, { standalone, stepUp });
  if (conversion !== undefined) {
    const most = mostWithin(numberPrefix, DAY_SECONDS);
    if (conversion.prefixSampleSize > most) {
      throw new TypeError(
        `limits.conversion.prefixSampleSize must be at most ${most}, what limits.numberPrefix admits in a day; with limits.conversion: false no prefix is judged.`,
      );
    }
  }
}

/** Whether a window admits more than another limit does in the same time or in more. */
function isAbove({ max, windowSeconds }: Window, limit: readonly Window[]): boolean {
  return limit.some((each) => each.windowSeconds >= windowSeconds && max > each.max);
}

/** The gaps between creates end with the shortest window, which is the first. */
function assertGap(
  retryIntervalSeconds: number,
  { standalone, stepUp }: Pick<LimitsConfig, 'standalone' | 'stepUp'>,
): void {
  const limits = {
    'standalone.recipient': standalone.recipient,
    'standalone.recipientShare': standalone.recipientShare,
    'stepUp.recipient': stepUp.recipient,
  };
  for (const [name, [shortest]] of Object.entries(limits)) {
    if (shortest !== undefined && retryIntervalSeconds > shortest.windowSeconds) {
      throw new TypeError(
        `retryIntervalSeconds must be at most ${shortest.windowSeconds}, the shortest window of limits.${name}, with which the time between creates ends.`,
      );
    }
  }
}
