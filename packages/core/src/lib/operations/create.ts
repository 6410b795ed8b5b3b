import { deliver } from '../delivery/deliver.js';
import { findFixedCode } from '../delivery/fixed-codes.js';
import { blockedByPolicy, type Failure, fail } from '../errors.js';
import type { JsonObject } from '../http/body.js';
import type { Outcome } from '../http/reply.js';
import { type CreateRequest, parseCreateRequest } from '../http/request.js';
import { toTallies, watch } from '../limits/conversion.js';
import { type Challenge, createLimits, flowOf, isCharged, tokenUsed } from '../limits/limits.js';
import { openWatched } from '../limits/open-guarded.js';
import { preferredLocale } from '../messages/accept-language.js';
import { DEFAULT_LOCALE } from '../messages/message-templates.js';
import type { Limit, LimitName, NewRecord, Refused } from '../ports.js';
import { createCode } from '../verification/code.js';
import { type SealedSecret, sealSecret } from '../verification/seal.js';
import { createVerificationToken, verificationId } from '../verification/verification-token.js';
import { createOp, type RequestContext } from './context.js';
import { checkPolicy } from './policy.js';
import { findTarget, type Target } from './target.js';

const MAX_TRIES = 5;
const MAX_SENDS = 5;

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
  const used = { ...tokenUsed(challenge.name, challenge.secondsToRemember), cost: 0 } as const;
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
  const watched = watch(config, { flow, identifier, now });
  const countedAt = isFixed ? undefined : watched?.groups[0]?.at;
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
  const limits = createLimits(config, { flow, identifier, clientAddress, challenge, watched });
  const opened = await openWatched(context, { record, limits, watched });
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
    refunds: limits.filter(isGivenBack),
    count: watched && ((each) => each.tally(toTallies(watched, { sent: 1 }))),
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
  const { appId, keyring, random, retryGapsSeconds } = config;
  const token = createVerificationToken(random);
  const id = verificationId(appId, token);
  const record: NewRecord = {
    id,
    sealed: sealSecret(secret, { id, appId, token, keyring, random }),
    binding: secret.challenge,
    ttlSeconds,
    maxTries: MAX_TRIES,
    maxSends: MAX_SENDS,
    gapsSeconds: retryGapsSeconds,
  };
  return { token, record };
}

/** What counts messages; what counts clients would else let one of them ask a provider without end. */
const GIVEN_BACK: ReadonlySet<LimitName> = new Set(['recipient', 'challenge', 'app']);

function isGivenBack(limit: Limit): boolean {
  return isCharged(limit) && GIVEN_BACK.has(limit.name);
}

const SEND_LIMITS: ReadonlySet<LimitName> = new Set([
  'recipient',
  'client_address',
  'client_network',
  'number_prefix',
  'conversion',
  'app',
]);

/** The host chooses the code for sending too often; too many wrong codes are always a block. */
function refuseByLimit({ config }: RequestContext, { limit, retryAfterSeconds }: Refused): Failure {
  if (limit === 'token_used') return ALREADY_DONE;
  const message = 'A limit was reached; try again later.';
  return fail(SEND_LIMITS.has(limit) ? config.limitErrorCode : 'auth_blocked', message, {
    limit,
    retryAfterSeconds,
  });
}
