import type { Window } from '../ports.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Guesses of the code of one verification. */
export const GUESSES_PER_VERIFICATION = 5;

/** Sends of one verification, the first message included. */
export const SENDS_PER_VERIFICATION = 5;

/**
 * Retries of one verification. Unlike its sends, retries that fail stay counted: a provider must not be called without
 * end for a verification whose messages it cannot send.
 */
export const RETRIES_PER_VERIFICATION: Window = { max: 20, windowSeconds: HOUR / 6 };

/** The default of `retryIntervalSeconds`. */
export const DEFAULT_INTERVAL_SECONDS = 30;

/** The times between sends, and between creates, as multiples of `retryIntervalSeconds`: 30, 60, 120 and 240 s. */
export const INTERVAL_FACTORS = [1, 2, 4, 8] as const;

const CLIENT_ADDRESS = [
  { max: 30, windowSeconds: HOUR / 6 },
  { max: 100, windowSeconds: HOUR },
];

/** The defaults of `LimitOptions`. */
export const DEFAULT_LIMITS = {
  standalone: {
    recipient: [
      { max: 9, windowSeconds: HOUR },
      { max: 18, windowSeconds: DAY },
    ],
    clientAddress: CLIENT_ADDRESS,
  },
  stepUp: {
    recipient: [
      { max: 5, windowSeconds: HOUR },
      { max: 10, windowSeconds: DAY },
    ],
    clientAddress: CLIENT_ADDRESS,
  },
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

/** The part of the budget of a recipient or a number prefix that one client network may use. */
export const NETWORK_SHARE = 1 / 3;

/** The part of `limits.app` that both flows share. Step-ups alone may use the rest. */
export const STANDALONE_APP_SHARE = 4 / 5;

/** Failures in a row count in one window of a year, unless a success forgets them. */
export const CONSECUTIVE_FAILURES_SECONDS = 365 * DAY;

/** Counts without refusing, so that a live verification of the owner still passes. */
export const NO_MAXIMUM = 2 ** 31 - 1;

/** The longest time for which `standaloneOverCap: 'block'` refuses a recipient. */
export const BLOCK_OVER_CAP_SECONDS = DAY;

/** The defaults of `ConversionOptions`. */
export const DEFAULT_CONVERSION = {
  prefixSampleSize: 20,
  countrySampleSize: 200,
  networkSampleShare: 0.2,
  minimumConversion: 0.2,
  afterSeconds: 300,
  blockSeconds: HOUR,
  blockCountries: false,
} as const;
