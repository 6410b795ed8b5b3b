const KEY = 'otp-flow';

/**
 * What this tab keeps while a verification is under way, so that a reload of the page goes on with it.
 *
 * Any script of the page can read it, also one that an attacker has injected: with the handle it can use up the tries
 * and ask for the code again, and with the challenge token create a verification. It learns no code that way. An
 * `HttpOnly` cookie cannot be read, so `handle` is there with `transport: 'header'` only. No other tab sees it, and
 * it goes with the tab, which `localStorage` would not do.
 *
 * @typedef {object} KeptFlow
 * @property {'standalone' | 'step-up'} flow
 * @property {string | undefined} [challengeToken] of a step-up: its check needs it again
 * @property {string | undefined} [handle] what `X-Verification-Token` was in the answer of the create
 */

/** @param {KeptFlow} kept */
export function keepFlow(kept) {
  sessionStorage.setItem(KEY, JSON.stringify(kept));
}

/**
 * The flow that was under way in this tab, if it is of this kind.
 * @param {KeptFlow['flow']} flow
 * @returns {KeptFlow | undefined}
 */
export function readKeptFlow(flow) {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  return kept?.flow === flow ? kept : undefined;
}

export function forgetFlow() {
  sessionStorage.removeItem(KEY);
}
