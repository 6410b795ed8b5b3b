import { describe, expect, test } from 'vitest';
import { assertConsistent } from './contradictions.js';
import type { LimitOptions } from './limit-options.js';

const HOUR = 3600;
const of = (max: number, windowSeconds = HOUR) => [{ max, windowSeconds }];

describe('limits that contradict each other', () => {
  test.each<[option: string, LimitOptions]>([
    [
      'limits.standalone.recipientShare',
      { standalone: { recipient: of(9), recipientShare: of(10) } },
    ],
    // More in a minute than the recipient has in an hour.
    [
      'limits.standalone.recipientShare',
      { standalone: { recipient: of(9), recipientShare: of(19, 60) } },
    ],
    ['limits.numberPrefixShare', { numberPrefix: of(30), numberPrefixShare: of(31) }],
    [
      'limits.standalone.clientNetwork',
      { standalone: { clientAddress: of(100), clientNetwork: of(99) } },
    ],
    [
      'limits.stepUp.clientNetwork',
      { stepUp: { clientAddress: of(30, 600), clientNetwork: of(29, 600) } },
    ],
    ['limits.standalone.app', { app: of(1_000), standalone: { app: of(801) } }],
    ['limits.stepUp.app', { app: of(1_000), stepUp: { app: of(1_001) } }],
    [
      'limits.conversion.prefixSampleSize',
      { numberPrefix: of(9, 86_400), conversion: { prefixSampleSize: 19 } },
    ],
  ])('are refused by the name of the option: %s', (option, limits) => {
    const rule = new RegExp(`^${option.replaceAll('.', '\\.')} must `);
    expect(() => assertConsistent(limits)).toThrow(TypeError);
    expect(() => assertConsistent(limits)).toThrow(rule);
  });

  test.each<LimitOptions>([
    {},
    { standalone: { recipient: of(9), recipientShare: of(9) } },
    { numberPrefix: of(30), numberPrefixShare: of(30) },
    { standalone: { clientAddress: of(100), clientNetwork: of(100) } },
    { app: of(1_000), standalone: { app: of(800) }, stepUp: { app: of(1_000) } },
    { numberPrefix: of(9, 86_400), conversion: { prefixSampleSize: 18 } },
    { numberPrefix: of(9, 86_400), conversion: false },
  ])('are others than %j', (limits) => {
    expect(() => assertConsistent(limits, 30)).not.toThrow();
  });

  test.each<LimitOptions>([
    { standalone: { recipient: of(1, 10) } },
    { standalone: { recipientShare: of(1_000) } },
    { standalone: { clientNetwork: of(5) } },
    { stepUp: { clientAddress: of(1_000) } },
    { numberPrefix: of(1, 86_400) },
    { numberPrefixShare: of(1_000) },
    { conversion: { prefixSampleSize: 1_000 } },
  ])('are not a limit and the default of another: %j', (limits) => {
    expect(() => assertConsistent(limits)).not.toThrow();
  });

  test.each<[option: string, LimitOptions]>([
    ['standalone.recipient', { standalone: { recipient: of(9, 60) } }],
    ['standalone.recipientShare', { standalone: { recipientShare: of(3, 60) } }],
    ['stepUp.recipient', { stepUp: { recipient: of(3, 60) } }],
  ])(
    'with a gap between creates that is longer than the shortest window of %s',
    (option, limits) => {
      expect(() => assertConsistent(limits, 60)).not.toThrow();
      expect(() => assertConsistent(limits, 61)).toThrow(
        `retryIntervalSeconds must be at most 60, the shortest window of limits.${option}`,
      );
    },
  );
});
