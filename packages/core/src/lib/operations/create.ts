import { type Challenge, flowOf, tokenUsed } from '../challenge/challenge.js';
import { deliver } from '../delivery/deliver.js';
import { findFixedCode } from '../delivery/fixed-codes.js';
import { blockedByPolicy, type Failure, fail } from '../errors.js';
import type { JsonObject } from '../http/body.js';
import type { Outcome } from '../http/reply.js';
import { type CreateRequest, parseCreateRequest } from '../http/request.js';
import { createOp } from '../keys/randomness.js';
import { blocksOf, conversionGroups, openGuarded, toTallies } from '../limits/conversion-guard.js';
import { createLimits } from '../limits/create-limits.js';
import { GUESSES_PER_VERIFICATION, SENDS_PER_VERIFICATION } from '../limits/default-limits.js';
import { refundsOfFailedSend } from '../limits/refunds.js';
import { refusedCreate } from '../limits/refusal.js';
import { preferredLocale } from '../messages/accept-language.js';
import { DEFAULT_LOCALE } from '../messages/message-templates.js';
import type { NewRecord, Refused } from '../ports.js';
import { createCode } from '../verification/code.js';
import { type SealedSecret, sealSecret } from '../verification/seal.js';
import { createVerificationToken, verificationId } from '../verification/verification-token.js';
import type { RequestContext } from './context.js';
import { checkPolicy } from './policy.js';
import { findTarget, type Target } from './target.js';

/** `POST /`: finds the recipient, asks policy and limits, stores the verification, sends the code. */
export async function createVerification(
  context: RequestContext,
  body: JsonObject,
): Promise<Outcome> {
  const parsed = parseCreateRequest(body);
  if (!parsed.ok) return parsed;
  const request = parsed.value;
  const target = await findTarget(context, request);
  if (!target.ok) return refuse(context, target, target.challenge);
  const { identifier, route, challenge } = target;
  const { dispatchId } = request;
  const flow = flowOf(challenge);
  const verdict = await checkPolicy(context, { flow, identifier, route, dispatchId });
  if (!verdict.ok) return refuse(context, verdict, challenge);
  return openAndSend(context, target, request, verdict.decoy);
}

/**
 * A challenge that was already completed is an invalid token, and that comes before whatever else is
 * wrong. `open` looks at it too; only a refusal needs this second look.
 */
async function refuse(
  { config, store }: RequestContext,
  failure: Failure,
  challenge: Challenge | undefined,
): Promise<Failure> {
  if (challenge === undefined) return failure;
  const used = { ...tokenUsed(challenge), cost: 0 } as const;
  const unused = await store((each) => each.charge([used], createOp(config)));
  return unused.ok ? failure : ALREADY_DONE;
}

const ALREADY_DONE = fail('invalid_challenge_token', 'challenge_token: its step is already done');

/** Stores first: a message without a record would be a code that never works. */
async function openAndSend(
  context: RequestContext,
  { identifier, route, challenge }: Target,
  { dispatchId, loginConfigId }: CreateRequest,
  decoy: boolean,
): Promise<Outcome> {
  const { config, request, store, now } = context;
  const { channel, ttlSeconds } = route;
  const { clientAddress } = request;
  const locale = route.locale ?? localeOf(context);
  const flow = flowOf(challenge);
  const fixed = findFixedCode(config, { flow, identifier, codeLength: route.codeLength }, now);
  const isFixed = fixed !== undefined;
  const code = fixed ?? createCode(route.codeLength, config.random);
  const groups = conversionGroups(config, { flow, identifier, now });
  const countedAt = isFixed ? undefined : groups[0]?.at;
  const secret = {
    code,
    isFixed,
    flow,
    identifier,
    channel,
    loginConfigId,
    locale,
    decoy,
    countedAt,
    challenge: challenge?.name ?? null,
  };
  const { token, record } = createRecord(context, secret, ttlSeconds);
  const { id } = record;
  const blocks = blocksOf(groups);
  const limits = createLimits(config, { identifier, clientAddress, challenge, blocks });
  const opened = await openGuarded(context, { record, limits, groups });
  if (!opened.ok) return refuseByLimit(context, opened);

  const sent = await deliver(config, {
    store,
    id,
    send: 1,
    flow,
    route,
    recorded: channel,
    identifier,
    code,
    locale,
    remainingMs: ttlSeconds * 1000,
    dispatchId,
    decoy,
    isFixed,
    refunds: refundsOfFailedSend(limits),
    ...(groups.length > 0 && { count: (each) => each.tally(toTallies(groups, { sent: 1 })) }),
  });
  if (sent === 'rejected') return blockedByPolicy('recipient_rejected');
  if (sent === 'unavailable') return fail('internal');
  return { ok: true, status: 204, opened: { token, ttlSeconds } };
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
    maxTries: GUESSES_PER_VERIFICATION,
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
