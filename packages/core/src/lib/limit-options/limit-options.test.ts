import { describe, expect, test } from 'vitest';
import { type LimitOptions, resolveLimits } from './limit-options.js';

const WINDOWS = /^limits\.\w+ must be an array of at least one \{ max, windowSeconds \}/;

describe('resolveLimits', () => {
  test('fills in the documented defaults', () => {
    const clients = {
      clientAddress: [
        { max: 30, windowSeconds: 600 },
        { max: 100, windowSeconds: 3600 },
      ],
      clientNetwork: [
        { max: 150, windowSeconds: 600 },
        { max: 500, windowSeconds: 3600 },
      ],
      app: undefined,
    };
    const defaults = {
      standalone: {
        recipient: [
          { max: 9, windowSeconds: 3600 },
          { max: 18, windowSeconds: 86_400 },
        ],
        recipientShare: [
          { max: 3, windowSeconds: 3600 },
          { max: 6, windowSeconds: 86_400 },
        ],
        ...clients,
      },
      stepUp: {
        recipient: [
          { max: 5, windowSeconds: 3600 },
          { max: 10, windowSeconds: 86_400 },
        ],
        ...clients,
      },
      numberPrefix: [{ max: 30, windowSeconds: 3600 }],
      numberPrefixShare: [{ max: 10, windowSeconds: 3600 }],
      app: undefined,
      conversion: {
        prefixSampleSize: 20,
        countrySampleSize: 200,
        networkSampleShare: 0.2,
        minimumConversion: 0.2,
        afterSeconds: 300,
        blockSeconds: 3600,
        blockCountries: false,
      },
      userFailures: { max: 20, windowSeconds: 86_400 },
      consecutiveFailures: 100,
      standaloneOverCap: 'one_guess',
    };
    expect(resolveLimits()).toEqual(defaults);
    expect(resolveLimits({ conversion: {} })).toEqual(defaults);
  });

  test('turns the conversion guard off', () => {
    expect(resolveLimits({ conversion: false }).conversion).toBeUndefined();
  });

  test.each([0.01, 1])('accepts a minimum conversion of %d', (minimumConversion) => {
    const { conversion } = resolveLimits({ conversion: { minimumConversion } });
    expect(conversion).toMatchObject({ minimumConversion });
  });

  test('gives a network five times the limit of an address, up to the highest maximum', () => {
    const clientAddress = [
      { max: 7, windowSeconds: 60 },
      { max: 900_000_000, windowSeconds: 3600 },
    ];
    expect(resolveLimits({ standalone: { clientAddress } }).standalone.clientNetwork).toEqual([
      { max: 35, windowSeconds: 60 },
      { max: 1_000_000_000, windowSeconds: 3600 },
    ]);
  });

  test('gives a network a third of a recipient’s budget [R13]', () => {
    const recipient = [
      { max: 3, windowSeconds: 60 },
      { max: 10, windowSeconds: 3600 },
    ];
    expect(resolveLimits({ standalone: { recipient } }).standalone.recipientShare).toEqual([
      { max: 1, windowSeconds: 60 },
      { max: 4, windowSeconds: 3600 },
    ]);
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [30, 10],
    [31, 11],
  ])('gives a network a third of a prefix with %d messages: %d', (max, share) => {
    const { numberPrefixShare } = resolveLimits({ numberPrefix: [{ max, windowSeconds: 60 }] });
    expect(numberPrefixShare).toEqual([{ max: share, windowSeconds: 60 }]);
  });

  test('sorts windows, because gaps between creates end with the first', () => {
    const [hour, day] = [
      { max: 2, windowSeconds: 3600 },
      { max: 4, windowSeconds: 86_400 },
    ];
    expect(resolveLimits({ stepUp: { recipient: [day, hour] } }).stepUp.recipient).toEqual([
      hour,
      day,
    ]);
  });

  test.each([
    [null, 'limits must be an object'],
    [{ recipient: [] }, 'limits has no option recipient; it takes standalone, stepUp, '],
    [{ standalone: { recipients: [] } }, 'limits.standalone has no option recipients; it takes '],
    [{ stepUp: { recipientShare: [] } }, 'limits.stepUp has no option recipientShare'],
    ...(['recipient', 'recipientShare', 'clientAddress', 'clientNetwork', 'app'] as const).map(
      (name) => [{ standalone: { [name]: [] } }, `limits.standalone.${name} must be an array`],
    ),
    [{ standaloneOverCap: 'lock' }, 'limits.standaloneOverCap must be one of'],
    [{ conversion: { networkSampleShare: 0 } }, 'networkSampleShare must be a number from 0.01'],
    ...(['numberPrefix', 'numberPrefixShare', 'app'] as const).flatMap((name) => [
      [{ [name]: [] }, WINDOWS],
      [{ [name]: { max: 1, windowSeconds: 1 } }, WINDOWS],
      [{ [name]: [1, 2].map((max) => ({ max, windowSeconds: 60 })) }, WINDOWS],
      [{ [name]: [null] }, `limits.${name}[0] must be an object`],
      [{ [name]: [{ max: 0, windowSeconds: 1 }] }, `limits.${name}[0].max must be an integer`],
      [
        { [name]: [{ max: 1, windowSeconds: 0 }] },
        `limits.${name}[0].windowSeconds must be an integer from 1 to`,
      ],
    ]),
    [
      { app: [{ max: 1, windowSeconds: 60, name: 'x' }] },
      'limits.app[0] has no option name; it takes max, windowSeconds',
    ],
    [{ conversion: true }, 'limits.conversion must be an object'],
    [{ conversion: { sends: 1 } }, 'limits.conversion has no option sends; it takes prefixSample'],
    ...[20, 1.01, 0.009, 0, -1, Number.NaN, '0.5', null].map((minimumConversion) => [
      { conversion: { minimumConversion } },
      'limits.conversion.minimumConversion must be a number from 0.01 to 1',
    ]),
    [{ conversion: { prefixSampleSize: 0 } }, 'prefixSampleSize must be an integer from 1 to 1000'],
    [{ conversion: { countrySampleSize: 1_001 } }, 'countrySampleSize must be an integer from 1'],
    [{ conversion: { afterSeconds: 601 } }, 'afterSeconds must be an integer from 0 to 600'],
    [{ conversion: { blockSeconds: 86_401 } }, 'blockSeconds must be an integer from 1 to 86400'],
    [{ conversion: { blockCountries: 1 } }, 'limits.conversion.blockCountries must be true or'],
    [{ userFailures: { max: 0, windowSeconds: 60 } }, 'limits.userFailures.max must be an integer'],
    [{ userFailures: null }, 'limits.userFailures must be an object'],
    [{ userFailures: [{ max: 1, windowSeconds: 60 }] }, 'limits.userFailures'],
    [{ userFailures: { max: 1, window: 60 } }, 'limits.userFailures'],
    [{ consecutiveFailures: 101 }, 'limits.consecutiveFailures must be an integer from 1 to 100'],
    [{ consecutiveFailures: 0 }, 'limits.consecutiveFailures must be an integer from 1 to 100'],
  ] as [LimitOptions, string | RegExp][])('refuses %j', (options, message) => {
    expect(() => resolveLimits(options)).toThrow(TypeError);
    expect(() => resolveLimits(options)).toThrow(message);
  });
});
