const HOUR = 3600;
const DAY = 24 * HOUR;

/** The defaults of `LimitOptions`. */
export const DEFAULT_LIMITS = {
  recipient: [
    { max: 5, windowSeconds: HOUR },
    { max: 10, windowSeconds: DAY },
  ],
  clientAddress: [
    { max: 30, windowSeconds: HOUR / 6 },
    { max: 100, windowSeconds: HOUR },
  ],
  numberPrefix: [{ max: 30, windowSeconds: HOUR }],
  userFailures: { max: 20, windowSeconds: DAY },
  /** The most that NIST SP 800-63B-4, 3.2.2 allows. */
  consecutiveFailures: 100,
} as const;

/**
 * The default limit of an IPv6 /48 is this many times that of a client address: a provider gives a /48 to one site, which
 * may have several households.
 */
export const NETWORK_FACTOR = 5;

/** Failures in a row count in one window of a year, unless a success forgets them. */
export const CONSECUTIVE_FAILURES_SECONDS = 365 * DAY;

/** The defaults of `ConversionOptions`. */
export const DEFAULT_CONVERSION = {
  prefixSampleSize: 20,
  countrySampleSize: 200,
  minimumConversion: 0.2,
  afterSeconds: 300,
  blockSeconds: HOUR,
  blockCountries: false,
} as const;
