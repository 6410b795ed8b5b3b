import { authenticationMethods } from '../challenge/amr.js';
import { type Challenge, tokenUsed } from '../challenge/challenge.js';
import { signChallengeToken } from '../challenge/challenge-token.js';
import { userOf } from '../challenge/claims.js';
import { completeStandalone, completeStep } from '../challenge/complete-step.js';
import { type DpopFault, verifyDpopProof } from '../challenge/dpop.js';
import { readChallenge } from '../challenge/read-challenge.js';
import { isSessionOf } from '../challenge/session.js';
import { type Failure, fail, type RefusalReason, tokenMismatch, unauthorized } from '../errors.js';
import { verificationRef } from '../events/events.js';
import type { BodyResult } from '../http/body.js';
import type { PresentedToken } from '../http/presented-token.js';
import { createOp } from '../keys/randomness.js';
import { recipientTrials } from '../limits/challenge-limits.js';
import { failureLimits, guessLimits } from '../limits/check-limits.js';
import { conversionGroups, toTallies } from '../limits/conversion-guard.js';
import { limitsOfSuccess } from '../limits/create-limits.js';
import { refusedCheck } from '../limits/refusal.js';
import type { CheckReservation, Completion, Guess, Limit, OpenRecord, Refused } from '../ports.js';
import { runUnawaited } from '../request/after-response.js';
import { parseCheckRequest } from '../request/check-request.js';
import type { RequestContext } from '../request/context.js';
import { equalsInConstantTime } from '../util/constant-time.js';
import {
  channelOf,
  describeVerification,
  type PresentedVerification,
  presentedVerification,
  unsealRecord,
} from '../verification/find-verification.js';
import type { SealedSecret } from '../verification/seal.js';

/** The token of the completed step. */
export type CheckOutcome = { readonly ok: true; readonly challengeToken: string } | Failure;

/**
 * `POST /check`, in this order: body, cookie, challenge token, session, DPoP proof; the guess is counted and its limits are
 * charged; then the code is compared. A right code is answered with a signed token.
 */
export async function checkVerification(
  context: RequestContext,
  handle: PresentedToken,
  body: BodyResult,
): Promise<CheckOutcome> {
  const { config, store, events } = context;
  const verification = presentedVerification(context, handle);
  if (!body.ok) return body;
  const parsed = parseCheckRequest(body.value);
  if (!parsed.ok) return parsed;
  const { code, challengeToken } = parsed.value;
  if (challengeToken !== undefined) events.add({ flow: 'step-up' });
  if (!verification.ok) return verification;
  const presented = await readPresentedChallenge(context, challengeToken);
  if (!presented.ok) return presented;
  const { challenge, binding, mismatch } = presented;

  const token = challenge && tokenUsed(challenge);
  const limits = guessLimits(config, challenge);
  const guess: Guess = { binding, ...(token && { token }), limits, op: createOp(config) };
  const reserved = await store((each) => each.reserveCheck(verification.id, guess));
  if (!reserved.ok) {
    if ('limit' in reserved || reserved.why === 'mismatch') {
      await describeVerification(context, verification);
    }
    return refuse(reserved, mismatch);
  }
  const { record, guessesLeft } = reserved;
  const unsealed = unsealRecord(context, verification, record);
  if (!unsealed.ok) return unsealed;
  const { secret } = unsealed;
  events.add({ channel: channelOf(secret, record) });
  // The store's copy of the challenge was changed.
  if (secret.challenge !== binding) return unauthorized('record_corrupt');
  const checked = { verification, secret, record, challenge, guess };
  // The code is compared first, so that a decoy takes the same time.
  return !equalsInConstantTime(code, secret.code) || secret.decoy
    ? countFailure(context, checked, guessesLeft)
    : succeed(context, checked);
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
  const { claims, recipient } = challenge;
  context.events.add({ user: userOf(context.config, claims), identifier: recipient });
  if (!(await isSessionOf(challenge, context.request.session, context.config))) {
    return { ...foreign, challenge, mismatch: 'session' };
  }
  const fault = await findProofFault(context, challenge);
  if (fault !== undefined) return { ...foreign, challenge, mismatch: fault };
  return { ok: true, challenge, binding: challenge.name, mismatch: 'verification' };
}

/** A challenge that is bound to a key needs a proof by that key (RFC 9449). */
async function findProofFault(
  { request, now }: RequestContext,
  { claims }: Challenge,
): Promise<DpopFault | undefined> {
  if (claims.cnf === undefined) return undefined;
  const htu = request.url?.();
  const { jkt } = claims.cnf;
  const expected = { jkt, jti: claims.jti, htm: 'POST', htu, now };
  return (await verifyDpopProof(request.header('dpop'), expected)).reason;
}

function refuse(
  refused: Refused | (CheckReservation & { readonly ok: false }),
  mismatch: RefusalReason | undefined,
): Failure {
  if ('limit' in refused) {
    return refused.limit === 'token_used' ? TOKEN_REUSED : refusedCheck(refused);
  }
  if (refused.why === 'gone') return unauthorized('not_live');
  return mismatch === undefined ? TOKEN_MISSING : tokenMismatch(mismatch);
}

interface CheckedGuess {
  readonly verification: PresentedVerification;
  readonly secret: SealedSecret;
  readonly record: OpenRecord;
  readonly challenge: Challenge | undefined;
  readonly guess: Guess;
}

/** The client is told about a wrong code only after it was counted. */
async function countFailure(
  { config, store }: RequestContext,
  { secret, challenge }: CheckedGuess,
  guessesLeft: number,
): Promise<Failure> {
  const limits = failureLimits(config, { identifier: secret.identifier, challenge });
  if (limits.length > 0) {
    const op = createOp(config);
    await store((each) => each.charge(limits, op));
  }
  return fail('bad_check_code', 'code: is not the right one', { attemptsLeft: guessesLeft });
}

/** Signs before it completes, so that a failing signer does not use up the verification. */
async function succeed(context: RequestContext, checked: CheckedGuess): Promise<CheckOutcome> {
  const { config, store, now, events } = context;
  const { verification, secret, record, challenge } = checked;
  const channel = channelOf(secret, record);
  const amr = authenticationMethods(channel);
  const claims =
    challenge === undefined
      ? completeStandalone(config, secret, { amr, now })
      : completeStep(config, challenge, { amr, now });
  const token = await signChallengeToken(claims, config.signer);

  const completion = toCompletion(context, checked);
  const completed = await store((each) => each.complete(verification.id, completion));
  if (!completed.ok)
    return completed.why === 'token_used' ? TOKEN_REUSED : unauthorized('not_live');
  const { settled } = completed;
  // The verification has succeeded: if the store fails here, a count stays too high.
  if (settled !== undefined) runUnawaited(context, 'check', () => settled);
  const { flow } = secret;
  const fixed = secret.isFixed ? ({ fixedCode: true } as const) : {};
  events.emit({
    type: 'verified',
    flow,
    channel,
    verification: verificationRef(verification.id),
    ...fixed,
  });
  return { ok: true, challengeToken: token };
}

function toCompletion(
  { config, now }: RequestContext,
  { secret, challenge, guess }: CheckedGuess,
): Completion {
  const { flow, identifier, countedAt } = secret;
  const groups =
    countedAt === undefined ? [] : conversionGroups(config, { flow, identifier, now, countedAt });
  return {
    op: createOp(config),
    ...(challenge && { token: tokenUsed(challenge) }),
    guess: [...guess.limits, ...trialsOf(config, { secret, challenge })],
    create: limitsOfSuccess(config, secret),
    reset: failureLimits(config, { identifier, challenge }),
    tallies: toTallies(groups),
  };
}

/** What a create with a recipient beside its token was charged. */
function trialsOf(
  config: RequestContext['config'],
  { secret, challenge }: Pick<CheckedGuess, 'secret' | 'challenge'>,
): Limit[] {
  if (!secret.namesRecipient || challenge === undefined || config.limits === undefined) return [];
  return [recipientTrials(config, challenge, config.limits.userFailures)];
}
