import type { Keyring } from '../keys/keyring.js';
import {
  GUESSES_PER_VERIFICATION,
  SENDS_PER_VERIFICATION,
} from '../limit-options/default-limits.js';
import type { LimitsContext } from '../limits/create-limits.js';
import { recipientFailuresKey } from '../limits/limit-keys.js';
import type { NewRecord, Randomness } from '../ports.js';
import { type SealedSecret, sealSecret } from './seal.js';
import { createVerificationToken, verificationId } from './verification-token.js';

interface NewRecordContext extends Omit<LimitsContext, 'warn' | 'issuer'> {
  readonly keyring: Keyring;
  readonly random: Randomness;
}

/** Creates the token of a verification, and the record that the store keeps of it. */
export function createRecord(
  config: NewRecordContext,
  secret: SealedSecret,
  ttlSeconds: number,
): { readonly token: string; readonly record: NewRecord } {
  const { appId, keyring, random, gapsSeconds } = config;
  const token = createVerificationToken(random);
  const id = verificationId(appId, token);
  const record: NewRecord = {
    id,
    sealed: sealSecret(secret, { id, appId, token, keyring, random }),
    binding: secret.challenge,
    ttlSeconds,
    maxGuesses: GUESSES_PER_VERIFICATION,
    ...fewerGuesses(config, secret),
    maxSends: SENDS_PER_VERIFICATION,
    gapsSeconds,
  };
  return { token, record };
}

/** Over the cap on wrong codes in a row, a standalone recipient gets one guess, so that nobody can lock it out. */
function fewerGuesses(
  config: NewRecordContext,
  { flow, identifier }: SealedSecret,
): Pick<NewRecord, 'fewerGuesses'> {
  const { limits } = config;
  if (flow !== 'standalone' || limits?.standaloneOverCap !== 'one_guess') return {};
  const key = recipientFailuresKey(config, identifier);
  return { fewerGuesses: { key, from: limits.consecutiveFailures, maxGuesses: 1 } };
}
