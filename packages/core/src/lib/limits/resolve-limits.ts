import type { ConversionConfig, LimitsConfig } from '../config.js';
import type { ConversionOptions, LimitOptions } from '../options.js';
import type { Window } from '../ports.js';
import { assertBoolean, assertObject, assertWhole } from '../util/assert-option.js';
import {
  assertKnownOptions,
  CONVERSION_OPTIONS,
  LIMIT_OPTIONS,
  WINDOW_OPTIONS,
} from '../util/known-options.js';
import { USER_FAILURES } from './limits.js';

const HOUR = 3600;
const DAY = 86_400;
const MOST = 1_000_000_000;
/** A /48 is what a provider gives one site; it may well have several households behind it. */
const NETWORK_SHARE = 5;

export function resolveLimits(options: LimitOptions = {}): LimitsConfig {
  assertObject(options, 'limits');
  assertKnownOptions(options, LIMIT_OPTIONS, 'limits');
  const {
    recipient = [
      { max: 5, windowSeconds: HOUR },
      { max: 10, windowSeconds: DAY },
    ],
    clientAddress = [
      { max: 30, windowSeconds: 600 },
      { max: 100, windowSeconds: HOUR },
    ],
    numberPrefix = [{ max: 30, windowSeconds: HOUR }],
    app,
    conversion = {},
    userFailures = USER_FAILURES,
    consecutiveFailures = 100,
  } = options;
  assertWindows(recipient, 'limits.recipient');
  assertWindows(clientAddress, 'limits.clientAddress');
  const { clientNetwork = clientAddress.map(timesFive) } = options;
  assertWindows(clientNetwork, 'limits.clientNetwork');
  assertWindows(numberPrefix, 'limits.numberPrefix');
  if (app !== undefined) assertWindows(app, 'limits.app');
  assertWindow(userFailures, 'limits.userFailures');
  assertWhole(consecutiveFailures, 'limits.consecutiveFailures', 1, 100);
  return {
    recipient: recipient.map(copyWindow),
    clientAddress: clientAddress.map(copyWindow),
    clientNetwork: clientNetwork.map(copyWindow),
    numberPrefix: numberPrefix.map(copyWindow),
    app: app?.map(copyWindow),
    conversion: conversion === false ? undefined : resolveConversion(conversion),
    userFailures: copyWindow(userFailures),
    consecutiveFailures,
  };
}

/** What was checked stays: the host may change its own list later. */
function copyWindow({ max, windowSeconds }: Window): Window {
  return { max, windowSeconds };
}

function timesFive({ max, windowSeconds }: Window): Window {
  return { max: Math.min(MOST, max * NETWORK_SHARE), windowSeconds };
}

function resolveConversion(options: ConversionOptions): ConversionConfig {
  assertObject(options, 'limits.conversion');
  assertKnownOptions(options, CONVERSION_OPTIONS, 'limits.conversion');
  const { prefixSampleSize = 20, countrySampleSize = 200, minimumConversion = 0.2 } = options;
  const { afterSeconds = 300, blockSeconds = HOUR, blockCountries = false } = options;
  assertWhole(prefixSampleSize, 'limits.conversion.prefixSampleSize', 1, 1_000);
  assertWhole(countrySampleSize, 'limits.conversion.countrySampleSize', 1, 1_000);
  assertWhole(afterSeconds, 'limits.conversion.afterSeconds', 0, 600);
  assertWhole(blockSeconds, 'limits.conversion.blockSeconds', 1, DAY);
  assertBoolean(blockCountries, 'limits.conversion.blockCountries');
  if (
    typeof minimumConversion !== 'number' ||
    !(minimumConversion >= 0.01 && minimumConversion <= 1)
  ) {
    throw new TypeError('limits.conversion.minimumConversion must be a number from 0.01 to 1.');
  }
  return {
    prefixSampleSize,
    countrySampleSize,
    minimumConversion,
    afterSeconds,
    blockSeconds,
    blockCountries,
  };
}

function assertWindows(windows: readonly Window[], field: string): void {
  const lengths = Array.isArray(windows) ? windows.map((each) => each?.windowSeconds) : [];
  if (lengths.length === 0 || new Set(lengths).size < lengths.length) {
    throw new TypeError(`${field} must be a list of { max, windowSeconds }, each window once.`);
  }
  for (const window of windows) assertWindow(window, field);
}

function assertWindow(window: Window, field: string): void {
  if (typeof window !== 'object' || window === null || Array.isArray(window)) {
    throw new TypeError(`${field}: a window must be { max, windowSeconds }.`);
  }
  assertKnownOptions(window, WINDOW_OPTIONS, field);
  const { max, windowSeconds } = window;
  assertWhole(max, `${field}: max`, 1, MOST);
  assertWhole(windowSeconds, `${field}: windowSeconds`, 1, 31 * DAY);
}
