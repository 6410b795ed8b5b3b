import type { Window } from '../ports.js';
import type { ConversionConfig, LimitsConfig } from './limit-options.js';
import { mostWithin, scale, sharedPart } from './windows.js';

/** The warnings about limits that leave the cost unbounded, or that one client network can use up against others. */
export function limitWarnings(limits: LimitsConfig) {
  const { app, standalone, stepUp, numberPrefix, numberPrefixShare, conversion } = limits;
  const isBounded = app !== undefined || (standalone.app !== undefined && stepUp.app !== undefined);
  const { recipient, recipientShare } = standalone;
  const raised = {
    no_app_budget: !isBounded,
    app_budget_for_one_network: canOneNetworkUseUpApp(limits),
    recipient_share_too_large: isUsedUpBy(recipientShare, recipient),
    number_prefix_share_too_large: isUsedUpBy(numberPrefixShare, numberPrefix),
    network_sample_share_too_large: conversion !== undefined && isJudgedByOne(conversion),
  };
  return (Object.keys(raised) as (keyof typeof raised)[]).filter((each) => raised[each]);
}

/**
 * Whether the standalone creates of one client network can use up the budget of the app, and so lock out everybody else.
 */
function canOneNetworkUseUpApp({ app, standalone }: LimitsConfig): boolean {
  const budgets = [...(app ?? []).map(sharedPart), ...(standalone.app ?? [])];
  return budgets.some(
    ({ max, windowSeconds }) => max <= mostWithin(standalone.clientNetwork, windowSeconds),
  );
}

/**
 * Whether the share of one client network can use up its whole. Two windows of the share can fall into one of the whole;
 * then the first event of the share came before it.
 */
function isUsedUpBy(share: readonly Window[], whole: readonly Window[]): boolean {
  return whole.some(({ max, windowSeconds }) => mostWithin(share, windowSeconds) - 1 >= max);
}

/** Whether the messages of one client network suffice to block a number prefix, if all others are verified. */
function isJudgedByOne(config: ConversionConfig): boolean {
  const { prefixSampleSize, networkSampleShare, minimumConversion } = config;
  const day = { max: prefixSampleSize, windowSeconds: 86_400 };
  const unverified = mostWithin([scale(day, networkSampleShare)], day.windowSeconds) - 1;
  return prefixSampleSize - unverified < prefixSampleSize * minimumConversion;
}
