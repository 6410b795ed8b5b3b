import { type Challenge, tokenUsed } from '../challenge/challenge.js';
import { signChallengeToken } from '../challenge/challenge-token.js';
import { completeStandalone, completeStep } from '../challenge/complete-step.js';
import { verifyDpopProof } from '../challenge/dpop.js';
import { readChallenge } from '../challenge/read-challenge.js';
import { isSessionOf } from '../challenge/session.js';
import { recipientType } from '../delivery/delivery-plan.js';
import { type Failure, fail, type RefusalReason, tokenMismatch, UNAUTHORIZED } from '../errors.js';
import { verificationRef } from '../events.js';
import type { JsonObject } from '../http/body.js';
import type { Outcome } from '../http/outcome.js';
import { createOp } from '../keys/randomness.js';
import { checkLimits } from '../limits/check-limits.js';
import { conversionGroups, toTallies } from '../limits/conversion-guard.js';
import { refundsOfSuccess } from '../limits/refunds.js';
import { refusedCheck } from '../limits/refusal.js';
import type { Channel, Limit, OpenRecord, Refused } from '../ports.js';
import { describeError } from '../redact.js';
import { codesMatch } from '../verification/code.js';
import type { SealedSecret } from '../verification/seal.js';
import { parseCheckRequest } from './check-request.js';
import type { RequestContext } from './context.js';
import {
  type PresentedVerification,
  presentedVerification,
  reportUnreadable,
  unsealRecord,
} from './find-verification.js';

/**
 * `POST /check`, in this order: body, cookie, challenge token, session, DPoP proof; the guess is counted, the seal opened,
 * the limits on wrong codes are charged; then the code is compared. A right code is answered with a signed token.
 */
export async function checkVerification(
  context: RequestContext,
  body: JsonObject,
): Promise<Outcome> {
  const { config, store } = context;
  const parsed = parseCheckRequest(body);
  if (!parsed.ok) return parsed;
  const { code, challengeToken } = parsed.value;
  const verification = presentedVerification(context);
  if (!verification.ok) return verification;
  const presented = await readPresentedChallenge(context, challengeToken);
  if (!presented.ok) return presented;
  const { challenge, binding, mismatch } = presented;

  const op = createOp(config);
  const reserve = () => store((each) => each.reserveCheck(verification.id, binding, op));
  const reserved = await reserve();
  if (!reserved.ok) {
    if (reserved.why === 'gone') return UNAUTHORIZED;
    return mismatch === undefined ? TOKEN_MISSING : tokenMismatch(mismatch);
  }
  const secret = unsealRecord(context, verification, reserved.record);
  if (secret === undefined) return UNAUTHORIZED;
  if (secret.challenge !== binding) {
    // The store's copy of the challenge was changed.
    reportUnreadable(config, verification, 'corrupt');
    return UNAUTHORIZED;
  }

  const limits = checkLimits(config, { identifier: secret.identifier, challenge });
  const charged = await charge(context, limits);
  if (!charged.ok) {
    // Another request with this cookie may have used the token meanwhile. The same `op` counts no further guess.
    const isLive = charged.limit !== 'token_used' || (await reserve()).ok;
    return isLive ? refuseByLimit(charged) : UNAUTHORIZED;
  }
  // The code is compared first, so that a decoy takes the same time.
  if (!codesMatch(code, secret.code) || secret.decoy) {
    const { triesLeft } = reserved;
    return fail('bad_check_code', 'code: is not the right one', { attemptsLeft: triesLeft });
  }
  return succeed(context, { verification, secret, record: reserved.record, challenge, limits });
}

const TOKEN_MISSING = fail('bad_request', 'challenge_token: is missing');
const TOKEN_REUSED = fail('token_reused', 'challenge_token: its step is already done');

interface PresentedChallenge {
  readonly ok: true;
  readonly challenge: Challenge | undefined;
  readonly binding: string | null;
  /** The reason if the store finds that the binding is another one; undefined if the request has no token. */
  readonly mismatch: RefusalReason | undefined;
}

/**
 * A binding that no record has. A valid token that does not belong to this request must not count a guess, and must look
 * like the token of another verification: the store finds the mismatch, if there is a live verification.
 */
const NO_BINDING = '';

async function readPresentedChallenge(
  context: RequestContext,
  challengeToken: string | undefined,
): Promise<PresentedChallenge | Failure> {
  const foreign = { ok: true, challenge: undefined, binding: NO_BINDING } as const;
  if (challengeToken === undefined) return { ...foreign, binding: null, mismatch: undefined };
  const read = await readChallenge(context.config, challengeToken, context.now);
  if (!read.ok) {
    return read.code === 'token_mismatch' ? { ...foreign, mismatch: 'audience' } : read;
  }
  const { challenge } = read;
  if (!(await isSessionOf(challenge, context.request.session, context.config))) {
    return { ...foreign, challenge, mismatch: 'session' };
  }
  if (!(await isProven(context, challenge))) return { ...foreign, challenge, mismatch: 'dpop' };
  return { ok: true, challenge, binding: challenge.name, mismatch: 'verification' };
}

/** A challenge that is bound to a key needs a proof by that key (RFC 9449). */
async function isProven(
  { config, request, now }: RequestContext,
  { claims }: Challenge,
): Promise<boolean> {
  if (claims.cnf === undefined) return true;
  const { publicUrl } = config;
  const htu = publicUrl === undefined ? request.url?.() : `${publicUrl}/check`;
  const { jkt } = claims.cnf;
  const expected = { jkt, jti: claims.jti, htm: 'POST', htu, now };
  return verifyDpopProof(request.header('dpop'), expected);
}

async function charge(
  { config, store }: RequestContext,
  limits: readonly Limit[],
): Promise<{ ok: true } | Refused> {
  if (limits.length === 0) return { ok: true };
  const op = createOp(config);
  return store((each) => each.charge(limits, op));
}

function refuseByLimit(refused: Refused): Failure {
  return refused.limit === 'token_used' ? TOKEN_REUSED : refusedCheck(refused);
}

interface Success {
  readonly verification: PresentedVerification;
  readonly secret: SealedSecret;
  readonly record: OpenRecord;
  readonly challenge: Challenge | undefined;
  readonly limits: readonly Limit[];
}

/** The channel that delivered the code, for `amr`. The store's entry is not sealed, so it must suit the recipient. */
function channelOf({ channel, identifier }: SealedSecret, record: OpenRecord): Channel {
  const recorded = record.channel ?? channel;
  return recipientType(recorded) === identifier.type ? recorded : channel;
}

/** Signs before it claims, so that a failing signer does not use up the verification. */
async function succeed(context: RequestContext, success: Success): Promise<Outcome> {
  const { config, store, now } = context;
  const { verification, secret, record, challenge, limits } = success;
  const channel = channelOf(secret, record);
  const claims =
    challenge === undefined
      ? completeStandalone(config, secret.identifier, { channel, now })
      : completeStep(config, challenge, { channel, now });
  const token = await signChallengeToken(claims, config.signer);

  const op = createOp(config);
  const claimed = await store((each) => each.claim(verification.id, op));
  // An untyped store may return an object, as from its other methods.
  if (claimed !== true) return UNAUTHORIZED;
  if (challenge !== undefined) {
    const spent = await charge(context, [tokenUsed(challenge)]);
    if (!spent.ok) return TOKEN_REUSED;
  }
  await relieve(context, secret, limits);
  const { flow } = secret;
  const fixed = secret.isFixed ? ({ fixedCode: true } as const) : {};
  config.emit({
    type: 'verified',
    flow,
    channel,
    verification: verificationRef(verification.id),
    ...fixed,
  });
  const body = JSON.stringify({ challenge_token: token });
  return { ok: true, status: 200, body, isOver: true };
}

/** Undoes what the guess was charged. The verification has succeeded: if the store fails here, a count stays too high. */
async function relieve(
  { config, store, now }: RequestContext,
  { flow, identifier, countedAt }: SealedSecret,
  charged: readonly Limit[],
) {
  const { refund, reset } = refundsOfSuccess(charged);
  const groups =
    countedAt === undefined ? [] : conversionGroups(config, { flow, identifier, now, countedAt });
  try {
    if (refund.length > 0) await store((each) => each.refund(refund));
    if (reset.length === 0 && groups.length === 0) return;
    await store((each) => {
      // async, so that an error which the store throws at once does not leave the other promise unhandled.
      const tally = async () => groups.length > 0 && each.tally(toTallies(groups, { verified: 1 }));
      return Promise.all([each.reset(reset), tally()]);
    });
  } catch (error) {
    config.emit({ type: 'fault', during: 'check', error: describeError(error) });
  }
}
