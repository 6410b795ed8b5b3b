import type { JsonObject } from './body.js';
import { createCode } from './code.js';
import { createOp, type RequestContext } from './context.js';
import { verificationCookie } from './cookie.js';
import { deliver } from './deliver.js';
import { type Failure, fail } from './errors.js';
import { verificationRef } from './events.js';
import { type Challenge, createLimits, flowOf, tokenUsed } from './limits.js';
import { checkPolicy, refuseByPolicy } from './policy.js';
import type { NewRecord, Refused } from './ports.js';
import type { Outcome } from './reply.js';
import { type CreateRequest, parseCreateRequest } from './request.js';
import { findTarget, type Target } from './target.js';
import { createVerificationToken, sealSecret, verificationId } from './verification.js';

const MAX_TRIES = 5;
const MAX_SENDS = 5;

/** `POST /`: finds the recipient, asks policy and limits, stores the verification, sends the code. */
export async function createVerification(
  context: RequestContext,
  body: JsonObject,
): Promise<Outcome> {
  const parsed = parseCreateRequest(body);
  if (!parsed.ok) return parsed;
  const target = await findTarget(context, parsed.value);
  if (!target.ok) return refuse(context, target, target.challenge);
  const { dispatchId } = parsed.value;
  const flow = flowOf(target.challenge);
  const verdict = await checkPolicy(context, { ...target, flow, dispatchId });
  if (!verdict.ok) return refuse(context, verdict, target.challenge);
  return open(context, target, { ...parsed.value, decoy: verdict.decoy });
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

async function open(
  context: RequestContext,
  target: Target,
  { decoy, dispatchId, loginConfigId }: CreateRequest & { decoy: boolean },
): Promise<Outcome> {
  const { config, request, store, now } = context;
  const { identifier, route, challenge } = target;
  const { appId, keyring, random, retryGapsSeconds } = config;
  const { channel, codeLength, ttlSeconds, locale } = route;
  const flow = flowOf(challenge);
  const token = createVerificationToken(random);
  const id = verificationId(appId, token);
  const code = createCode(codeLength, random);
  const secret = { code, flow, identifier, channel, loginConfigId, locale, decoy };
  const record: NewRecord = {
    id,
    sealed: sealSecret(secret, { id, appId, token, keyring, random }),
    binding: challenge?.name ?? null,
    ttlSeconds,
    maxTries: MAX_TRIES,
    maxSends: MAX_SENDS,
    gapsSeconds: retryGapsSeconds,
  };
  const { clientAddress } = request;
  const limits = createLimits(config, { flow, identifier, clientAddress, challenge });
  const opened = await store((each) => each.open(record, limits));
  if (!opened.ok) return refuseByLimit(context, opened);
  if (decoy) config.emit({ type: 'decoy', verification: verificationRef(id) });

  const expiresAt = now + ttlSeconds * 1000;
  const refunds = limits.filter(({ cost }) => cost !== 0);
  const delivery = { id, send: 1, flow, route, identifier, code, locale, expiresAt };
  const sent = await deliver(config, { ...delivery, dispatchId, decoy, refunds });
  if (sent === 'rejected') return refuseByPolicy('recipient_rejected');
  if (sent === 'unavailable') return fail('internal');
  return { ok: true, status: 204, setCookie: verificationCookie(config.cookie, token, ttlSeconds) };
}

function refuseByLimit({ config }: RequestContext, { limit, retryAfterSeconds }: Refused): Failure {
  if (limit === 'token_used') return ALREADY_DONE;
  const message = 'A limit was reached; try again later.';
  return fail(config.limitCode, message, { limit, retryAfterSeconds });
}
