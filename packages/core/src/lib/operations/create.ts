import { type Challenge, flowOf, tokenUsed } from '../challenge/challenge.js';
import {
  type CodeToSend,
  type SendOutcome,
  sendCode,
  toSendFailure,
} from '../delivery/send-code.js';
import { type Failure, fail } from '../errors.js';
import type { BodyResult } from '../http/body.js';
import { createOp } from '../keys/randomness.js';
import { withoutCost } from '../limits/challenge-limits.js';
import { guessLimits } from '../limits/check-limits.js';
import {
  blocksOf,
  type ConversionGroup,
  conversionGroups,
  sampleShare,
  toTallies,
} from '../limits/conversion-guard.js';
import {
  clientBucket,
  clientLimits,
  messageLimits,
  recipientCap,
} from '../limits/create-limits.js';
import { refundsOfFailedSend } from '../limits/refunds.js';
import { refusedCreate } from '../limits/refusal.js';
import { preferredLocale } from '../messages/accept-language.js';
import { DEFAULT_LOCALE } from '../messages/message-templates.js';
import type { Limit, Refused } from '../ports.js';
import { runAfterResponse, runUnawaited } from '../request/after-response.js';
import type { RequestContext } from '../request/context.js';
import { type CreateRequest, parseCreateRequest } from '../request/create-request.js';
import { checkGuard } from '../request/guard.js';
import { findRecipient, findTarget, type Recipient, type Target } from '../request/target.js';
import { createCode } from '../verification/code.js';
import { createRecord } from '../verification/new-record.js';
import { openRecord } from '../verification/open-record.js';
import type { SealedSecret } from '../verification/seal.js';

/** The token of the new verification, and its life. */
export type CreateOutcome =
  | { readonly ok: true; readonly token: string; readonly ttlSeconds: number }
  | Failure;

/**
 * `POST /`: target, limits of the client, recipient, policy, the other limits. Then it stores the
 * verification and sends the code. Before a function of the host is called, the limits of the client are charged, and
 * they stay charged; otherwise they are charged together with the others.
 */
export async function createVerification(
  context: RequestContext,
  body: BodyResult,
): Promise<CreateOutcome> {
  const { config, request } = context;
  if (!body.ok) return body;
  const parsed = parseCreateRequest(body.value);
  if (!parsed.ok) return parsed;
  const target = await findTarget(context, parsed.value);
  if (!target.ok) return refuse(context, target, target.challenge);
  const { challenge } = target;
  const bucket = clientBucket(config, request.clientAddress);
  const namesRecipient = challenge !== undefined && target.identifier !== undefined;
  const ofClient = clientLimits(config, { bucket, challenge, namesRecipient });
  const isCharged = chargesFirst(context, target);
  if (isCharged) {
    const charged = await charge(context, ofClient);
    if (!charged.ok) return refuseByLimit(context, charged);
  }
  const recipient = await findRecipient(context, target);
  if (!recipient.ok) {
    // `chargesFirst` holds for every step-up with a recipient beside the token.
    if (recipient.reason === 'recipient') return countMismatch(context, recipient, challenge);
    return isCharged ? recipient : refuse(context, recipient, challenge);
  }
  const { identifier, plan } = recipient;
  const { dispatchId, loginConfigId, codeChallenge } = parsed.value;
  const verdict = await checkGuard(context, { flow: target.flow, identifier, plan, dispatchId });
  if (!verdict.ok) return isCharged ? verdict : refuse(context, verdict, challenge);
  return openAndSend(context, {
    identifier,
    plan,
    dispatchId,
    loginConfigId,
    codeChallenge,
    bucket,
    challenge,
    namesRecipient,
    fixedCode: target.fixedCode,
    decoy: verdict.decoy,
    ofClient,
    isCharged,
  });
}

/** Whether a function of the host is called for this request, or a hidden recipient is compared with the client's guess. */
function chargesFirst({ config }: RequestContext, { challenge, identifier }: Target): boolean {
  if (config.guard !== undefined) return true;
  if (challenge === undefined) return false;
  return identifier !== undefined || challenge.recipient === undefined;
}

/** Counts another recipient as a wrong code, so that nobody can find out a hidden recipient by trying. */
async function countMismatch(
  context: RequestContext,
  failure: Failure,
  challenge: Challenge | undefined,
): Promise<Failure> {
  const counted = await charge(context, guessLimits(context.config, challenge));
  return counted.ok ? failure : refuseByLimit(context, counted);
}

async function charge(
  { config, store }: RequestContext,
  limits: readonly Limit[],
): Promise<{ readonly ok: true } | Refused> {
  if (limits.length === 0) return { ok: true };
  const op = createOp(config);
  return store((each) => each.charge(limits, op));
}

/**
 * A challenge whose step is done is an invalid token, before mismatch and policy. `open` checks it for requests that are
 * not refused before.
 */
async function refuse(
  context: RequestContext,
  failure: Failure,
  challenge: Challenge | undefined,
): Promise<Failure> {
  if (challenge === undefined) return failure;
  const unused = await charge(context, [withoutCost(tokenUsed(challenge))]);
  return unused.ok ? failure : ALREADY_DONE;
}

const ALREADY_DONE = fail('invalid_challenge_token', 'challenge_token: its step is already done');

/** A create that policy admits. */
interface Admitted
  extends Omit<Recipient, 'ok'>,
    Pick<CreateRequest, 'dispatchId' | 'loginConfigId' | 'codeChallenge'> {
  readonly bucket: string;
  readonly challenge: Challenge | undefined;
  readonly namesRecipient: boolean;
  readonly fixedCode: string | undefined;
  readonly decoy: boolean;
  readonly ofClient: readonly Limit[];
  /** Whether `ofClient` is charged. */
  readonly isCharged: boolean;
}

/** Stores before it sends: the code of a message without a record would never work. */
async function openAndSend(context: RequestContext, admitted: Admitted): Promise<CreateOutcome> {
  const { config, now } = context;
  const { identifier, plan, challenge, fixedCode, decoy, bucket, ofClient, isCharged } = admitted;
  const { channel, ttlSeconds } = plan;
  const flow = flowOf(challenge);
  const isFixed = fixedCode !== undefined;
  const groups = conversionGroups(config, { flow, identifier, now });
  const secret: SealedSecret = {
    code: fixedCode ?? createCode(await codeLengthOf(context, admitted), config.random),
    isFixed,
    flow,
    identifier,
    channel,
    loginConfigId: admitted.loginConfigId,
    locale: plan.locale ?? localeOf(context),
    decoy,
    bucket,
    namesRecipient: admitted.namesRecipient || undefined,
    countedAt: isFixed ? undefined : groups[0]?.at,
    challenge: challenge?.name ?? null,
    codeChallenge: flow === 'standalone' ? admitted.codeChallenge : undefined,
    expiresAt: config.now() + ttlSeconds * 1000,
  };
  const { token, record } = createRecord(config, secret, ttlSeconds);
  const ofMessage = messageLimits(config, {
    identifier,
    bucket,
    challenge,
    blocks: blocksOf(groups),
  });
  // What is charged has no room for another event, if this one was the last.
  const ofClientLeft = isCharged ? ofClient.filter(({ cost }) => cost === 0) : ofClient;
  const limits = [...ofClientLeft, ...ofMessage];
  const { opened, charged } = await openRecord(context, { record, limits, groups }, flow);
  if (!opened.ok) return refuseByLimit(context, opened);

  const { id } = record;
  const { dispatchId } = admitted;
  const code = { id, send: 1, secret, plan, recordedChannel: channel, dispatchId };
  const refunds = refundsOfFailedSend(isCharged ? [...ofClient, ...charged] : charged);
  const outcome = await runAfterResponse(context, () =>
    sendFirst(context, code, { refunds, groups }),
  );
  return toSendFailure(outcome) ?? { ok: true, token, ttlSeconds };
}

/** Over the cap on wrong codes in a row, if the host has chosen so, the code of a standalone recipient is longer. */
async function codeLengthOf(
  context: RequestContext,
  { identifier, plan, challenge }: Admitted,
): Promise<number> {
  const { limits } = context.config;
  const { codeLength } = plan;
  if (challenge !== undefined || limits?.standaloneOverCap !== 'eight_digits') return codeLength;
  const cap = recipientCap(context.config, identifier, limits);
  const under = await charge(context, [cap]);
  return under.ok ? codeLength : Math.max(8, codeLength);
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
  context: RequestContext,
  { id, send, secret }: CodeToSend,
  groups: readonly ConversionGroup[],
): void {
  const { config, store } = context;
  runUnawaited(context, 'delivery', async () => {
    const share = sampleShare(config, secret);
    const isSampled = share === undefined || (await charge(context, [share])).ok;
    // A country is judged by all its messages.
    const judged = groups.filter(({ country }) => isSampled || country !== undefined);
    if (judged.length === 0) return;
    const tallies = toTallies(judged);
    await store((each) => each.recordSend(id, send, { tallies }));
  });
}

function localeOf({ config, request }: RequestContext): string {
  const fields = request.header('accept-language');
  return preferredLocale(fields, config.locales) ?? DEFAULT_LOCALE;
}

function refuseByLimit({ config }: RequestContext, refused: Refused): Failure {
  return refused.limit === 'token_used' ? ALREADY_DONE : refusedCreate(refused, config);
}
