import { planOf } from '../channels/login-configs.js';
import {
  type CodeToSend,
  type SendOutcome,
  sendCode,
  toSendFailure,
} from '../delivery/send-code.js';
import { type Failure, unauthorized } from '../errors.js';
import { type BodyResult, EMPTY_BODY } from '../http/body.js';
import type { PresentedToken } from '../http/presented-token.js';
import { createOp } from '../keys/randomness.js';
import { refusedRetry } from '../limits/refusal.js';
import { retryLimits } from '../limits/retry-limits.js';
import { runAfterResponse } from '../request/after-response.js';
import type { RequestContext } from '../request/context.js';
import { askGuard } from '../request/guard.js';
import { presentedVerification, unsealRecord } from '../verification/find-verification.js';

/** `POST /retry`: sends the same code again. It changes neither the life of the verification nor its guesses. */
export async function retryVerification(
  context: RequestContext,
  handle: PresentedToken,
  body: BodyResult = EMPTY_BODY,
): Promise<{ readonly ok: true } | Failure> {
  const { config, store } = context;
  const verification = presentedVerification(context, handle);
  if (!body.ok) return body;
  if (!verification.ok) return verification;
  const { id } = verification;
  const reserved = await store((each) => each.reserveSend(id, retryLimits(id), createOp(config)));
  if (!reserved.ok && 'why' in reserved) return unauthorized('not_live');
  if (!reserved.ok) return refusedRetry(reserved);
  const { record, send } = reserved;
  const unsealed = unsealRecord(context, verification, record);
  if (!unsealed.ok) return unsealed;
  const plan = planOf(config, unsealed.secret);
  if (plan === undefined) {
    throw new Error(`channels.${unsealed.secret.channel} is no longer configured`);
  }
  const { flow, identifier } = unsealed.secret;
  const verdict = await askGuard(context, { flow, identifier, dispatchId: undefined });
  // The send stays counted.
  if (!verdict.ok) return verdict;
  const secret = { ...unsealed.secret, decoy: unsealed.secret.decoy || verdict.decoy };

  const code = { id, send, secret, plan, recordedChannel: record.channel ?? plan.channel };
  const outcome = await runAfterResponse(context, () => sendAgain(context, code));
  return toSendFailure(outcome) ?? { ok: true };
}

/** A rejected send stays counted, with its interval. */
async function sendAgain(context: RequestContext, code: CodeToSend): Promise<SendOutcome> {
  const { config, store } = context;
  const outcome = await sendCode(context, code);
  // With `waitUntil` the client already got 204, so nothing is undone.
  if (outcome === 'unavailable' && config.waitUntil === undefined)
    await store((each) => each.cancel(code.id, code.send, []));
  return outcome;
}
