import { deliver } from '../delivery/deliver.js';
import { blockedByPolicy, fail, UNAUTHORIZED } from '../errors.js';
import type { JsonObject } from '../http/body.js';
import type { Outcome } from '../http/reply.js';
import { createOp } from '../keys/randomness.js';
import { refusedRetry } from '../limits/refusal.js';
import { retryLimits } from '../limits/retry-limits.js';
import type { RequestContext } from './context.js';
import { openCookie, routeOf, unsealRecord } from './record.js';

/** `POST /retry`: sends the same code again. The life of the verification and its tries stay as they are. */
export async function retryVerification(
  context: RequestContext,
  _body: JsonObject,
): Promise<Outcome> {
  const { config, store } = context;
  const cookie = openCookie(context);
  if (cookie === undefined) return UNAUTHORIZED;
  const reserved = await store((each) =>
    each.reserveSend(cookie.id, retryLimits(cookie.id), createOp(config)),
  );
  if (!reserved.ok && 'why' in reserved) return UNAUTHORIZED;
  if (!reserved.ok) return refusedRetry(reserved);
  const { record, send } = reserved;
  const secret = unsealRecord(context, cookie, record);
  if (secret === undefined) return UNAUTHORIZED;
  const route = routeOf(config, secret);
  if (route === undefined) throw new Error(`there is no sender for ${secret.channel} any more`);

  const { identifier, code, isFixed, locale, decoy, flow } = secret;
  const sent = await deliver(config, {
    store,
    id: cookie.id,
    send,
    flow,
    route,
    recorded: record.channel ?? route.channel,
    identifier,
    code,
    locale,
    remainingMs: record.remainingMs,
    dispatchId: undefined,
    decoy,
    isFixed,
    refunds: [],
  });
  if (sent === 'rejected') return blockedByPolicy('recipient_rejected');
  return sent === 'unavailable' ? fail('internal') : { ok: true, status: 204 };
}
