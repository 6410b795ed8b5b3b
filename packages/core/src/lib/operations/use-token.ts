import { type ChallengeAtStep, tokenUsed } from '../challenge/challenge.js';
import type { OtpConfig } from '../config.js';
import { type Failure, fail } from '../errors.js';
import { createOp } from '../keys/randomness.js';
import { budgetStore } from '../request/context.js';

/** Of all calls for one token, exactly one returns undefined. */
export async function useToken(
  config: OtpConfig,
  token: Pick<ChallengeAtStep, 'name' | 'secondsToRemember'>,
): Promise<Failure<'token_reused'> | undefined> {
  const used = tokenUsed(token);
  const marked = await budgetStore(config)((store) => store.charge([used], createOp(config)));
  return marked.ok ? undefined : fail('token_reused', 'challenge_token: was already used');
}
