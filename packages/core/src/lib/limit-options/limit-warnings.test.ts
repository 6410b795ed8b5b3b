import { describe, expect, test } from 'vitest';
import { type LimitOptions, resolveLimits } from './limit-options.js';
import { limitWarnings } from './limit-warnings.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const of = (max: number, windowSeconds = HOUR) => [{ max, windowSeconds }];
const warningsOf = (limits: LimitOptions) => limitWarnings(resolveLimits(limits));

describe('limitWarnings', () => {
  test('reports a missing budget of the app', () => {
    const flow = { app: of(2_000) };
    expect(warningsOf({})).toEqual(['no_app_budget']);
    expect(warningsOf({ standalone: flow })).toEqual(['no_app_budget']);
    expect(warningsOf({ stepUp: flow })).toEqual(['no_app_budget']);
    expect(warningsOf({ standalone: flow, stepUp: flow })).toEqual([]);
    expect(warningsOf({ app: of(2_000) })).toEqual([]);
  });

  test.each<[LimitOptions, boolean]>([
    // Two hours of one network can fall into one hour of the app.
    [{ app: of(990) }, true],
    [{ app: of(1_251) }, true],
    [{ app: of(1_252) }, false],
    [{ standalone: { app: of(1_000) } }, true],
    [{ standalone: { app: of(1_001) } }, false],
    [{ app: of(10_000, DAY) }, true],
    [{ stepUp: { app: of(1, 60) } }, false],
  ])('one network can use up the budget of the app under %j: %s [R13]', (limits, expected) => {
    expect(warningsOf(limits).includes('app_budget_for_one_network')).toBe(expected);
  });

  test.each<[share: LimitOptions['app'], total: LimitOptions['app'], boolean]>([
    [of(9), undefined, true],
    // Two hours of the share, of which the first has begun before.
    [of(5), of(9), true],
    [of(4), of(9), false],
    // The share of an hour is not bounded in a day.
    [of(1), undefined, true],
    [[...of(1), ...of(9, DAY)], undefined, false],
    [[...of(1), ...of(10, DAY)], undefined, true],
    [undefined, of(1), true],
    [undefined, of(2), false],
    [undefined, of(4), false],
  ])(
    'one network can use up a recipient or a prefix with the share %j of %j: %s [R13]',
    (share, total, expected) => {
      const standalone = {
        ...(total && { recipient: total }),
        ...(share && { recipientShare: share }),
      };
      const warnings = warningsOf({ standalone });
      expect(warnings.includes('recipient_share_too_large')).toBe(expected);
      const numberPrefix = total ?? [...of(9), ...of(18, DAY)];
      const ofPrefix = warningsOf({ numberPrefix, ...(share && { numberPrefixShare: share }) });
      expect(ofPrefix.includes('number_prefix_share_too_large')).toBe(expected);
    },
  );

  test.each<[LimitOptions['conversion'], boolean]>([
    [false, false],
    [{ networkSampleShare: 0.4 }, false],
    // 17 of 20 unverified messages, in two windows of nine.
    [{ networkSampleShare: 0.45 }, true],
    [{ prefixSampleSize: 1 }, true],
    [{ minimumConversion: 1 }, true],
  ])('one network can have a prefix blocked under %j: %s [R13]', (conversion, expected) => {
    const warnings = warningsOf(conversion === undefined ? {} : { conversion });
    expect(warnings.includes('network_sample_share_too_large')).toBe(expected);
  });
});
