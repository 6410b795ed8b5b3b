import { type Challenge, flowOf, tokenUsed } from '../challenge/challenge.js';
import { type Failure, fail } from '../errors.js';
import type { JsonObject } from '../http/body.js';
import type { Outcome } from '../http/outcome.js';
import { createOp } from '../keys/randomness.js';
import { withoutCost } from '../limits/challenge-limits.js';
import { GUESSES_PER_VERIFICATION } from '../limits/check-limits.js';
import {
  blocksOf,
  type ConversionGroup,
  conversionGroups,
  toTallies,
} from '../limits/conversion-guard.js';
import { createLimits } from '../limits/create-limits.js';
import { refundsOfFailedSend } from '../limits/refunds.js';
import { refusedCreate } from '../limits/refusal.js';
import { SENDS_PER_VERIFICATION } from '../limits/retry-limits.js';
import { preferredLocale } from '../messages/accept-language.js';
import { DEFAULT_LOCALE } from '../messages/message-templates.js';
import type { Limit, NewRecord, Refused } from '../ports.js';
import { createCode } from '../verification/code.js';
import { type SealedSecret, sealSecret } from '../verification/seal.js';
import { createVerificationToken, verificationId } from '../verification/verification-token.js';
import { runAfterResponse, runUnawaited } from './after-response.js';
import type { RequestContext } from './context.js';
import { type CreateRequest, parseCreateRequest } from './create-request.js';
import { checkGuard } from './guard.js';
import { openRecord } from './open-record.js';
import { type CodeToSend, type SendOutcome, sendCode, toSendFailure } from './send-code.js';
import { findTarget, type Target } from './target.js';

/** `POST /`: finds the recipient, checks policy and limits, stores the verification and sends the code. */
export async function createVerification(
  context: RequestContext,
  body: JsonObject,
): Promise<Outcome> {
  const parsed = parseCreateRequest(body);
  if (!parsed.ok) return parsed;
  const request = parsed.value;
  const target = await findTarget(context, request);
  if (!target.ok) return refuse(context, target, target.challenge);
  const { identifier, plan, challenge } = target;
  const { dispatchId } = request;
  const flow = flowOf(challenge);
  const verdict = await checkGuard(context, { flow, identifier, plan, dispatchId });
  if (!verdict.ok) return refuse(context, verdict, challenge);
  return openAndSend(context, target, request, verdict.decoy);
}

/**
 * A challenge whose step is done is an invalid token, before mismatch and policy. `open` checks it for requests that are
 * not refused before.
 */
async function refuse(
  { config, store }: RequestContext,
  failure: Failure,
  challenge: Challenge | undefined,
): Promise<Failure> {
  if (challenge === undefined) return failure;
  const used = withoutCost(tokenUsed(challenge));
  const unused = await store((each) => each.charge([used], createOp(config)));
  return unused.ok ? failure : ALREADY_DONE;
}

const ALREADY_DONE = fail('invalid_challenge_token', 'challenge_token: its step is already done');

/** Stores before it sends: the code of a message without a record would never work. */
async function openAndSend(
  context: RequestContext,
  { identifier, plan, challenge, fixedCode }: Target,
  { dispatchId, loginConfigId }: CreateRequest,
  decoy: boolean,
): Promise<Outcome> {
  const { config, request, now } = context;
  const { channel, ttlSeconds } = plan;
  const { clientAddress } = request;
  const flow = flowOf(challenge);
  const isFixed = fixedCode !== undefined;
  const groups = conversionGroups(config, { flow, identifier, now });
  const secret: SealedSecret = {
    code: fixedCode ?? createCode(plan.codeLength, config.random),
    isFixed,
    flow,
    identifier,
    channel,
    loginConfigId,
    locale: plan.locale ?? localeOf(context),
    decoy,
    countedAt: isFixed ? undefined : groups[0]?.at,
    challenge: challenge?.name ?? null,
  };
  const { token, record } = createRecord(context, secret, ttlSeconds);
  const blocks = blocksOf(groups);
  const limits = createLimits(config, { identifier, clientAddress, challenge, blocks });
  const opened = await openRecord(context, { record, limits, groups });
  if (!opened.ok) return refuseByLimit(context, opened);

  const { id } = record;
  const remainingMs = ttlSeconds * 1000;
  const code = { id, send: 1, secret, plan, recordedChannel: channel, remainingMs, dispatchId };
  const refunds = refundsOfFailedSend(limits);
  const outcome = await runAfterResponse(config, () =>
    sendFirst(context, code, { refunds, groups }),
  );
  return toSendFailure(outcome) ?? { ok: true, status: 204, opened: { token, ttlSeconds } };
}

interface Settlement {
  /** Given back when every sender is unavailable. */
  readonly refunds: readonly Limit[];
  /** The groups in which the message counts. */
  readonly groups: readonly ConversionGroup[];
}

/** Sends the first message, then counts it or undoes the verification. */
async function sendFirst(
  context: RequestContext,
  code: CodeToSend,
  { refunds, groups }: Settlement,
): Promise<SendOutcome> {
  const { config, store } = context;
  const { decoy, isFixed } = code.secret;
  const outcome = await sendCode(context, code);
  const isSent = outcome === 'sent' || outcome === 'unknown';
  // With `silent`, failed sends count too, because decoys do: otherwise the state of a prefix would tell them apart.
  const isCounted = decoy || (!isFixed && (isSent || config.onBlock === 'silent'));
  if (isCounted && groups.length > 0) countMessage(context, code, groups);
  // With `waitUntil` the client already has its cookie, so nothing is undone and it can retry.
  if (!isSent && config.waitUntil === undefined) {
    const given = outcome === 'unavailable' ? refunds : [];
    await store((each) => each.cancel(code.id, code.send, given));
  }
  return outcome;
}

/** Not awaited: the count is read minutes later. */
function countMessage(
  { config, store }: RequestContext,
  { id, send }: CodeToSend,
  groups: readonly ConversionGroup[],
): void {
  const tallies = toTallies(groups);
  runUnawaited(config, 'delivery', () => store((each) => each.recordSend(id, send, { tallies })));
}

function localeOf({ config, request }: RequestContext): string {
  const fields = request.header('accept-language');
  return preferredLocale(fields, config.locales) ?? DEFAULT_LOCALE;
}

function createRecord(
  { config }: RequestContext,
  secret: SealedSecret,
  ttlSeconds: number,
): { token: string; record: NewRecord } {
  const { appId, keyring, random, gapsSeconds } = config;
  const token = createVerificationToken(random);
  const id = verificationId(appId, token);
  const record: NewRecord = {
    id,
    sealed: sealSecret(secret, { id, appId, token, keyring, random }),
    binding: secret.challenge,
    ttlSeconds,
    maxGuesses: GUESSES_PER_VERIFICATION,
    maxSends: SENDS_PER_VERIFICATION,
    gapsSeconds,
  };
  return { token, record };
}

function refuseByLimit({ config }: RequestContext, refused: Refused): Failure {
  return refused.limit === 'token_used'
    ? ALREADY_DONE
    : refusedCreate(refused, config.limitErrorCode);
}
