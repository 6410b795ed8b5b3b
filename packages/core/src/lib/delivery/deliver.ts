import { describeError } from '../events/redact.js';
import { type Channel, isChannel, type OtpMessage, type SendFailure } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';
import {
  type Attempt,
  type Delivery,
  type DeliveryContext,
  planAttempts,
} from './plan-attempts.js';
import { classifyFailure, reportFailure } from './send-failure.js';

/**
 * `accepted`: a provider has taken the message. `unknown`: it may have. `rejected`: the recipient will never work.
 * `unavailable`: no provider has taken it.
 */
export type DeliveryOutcome =
  | {
      readonly outcome: 'accepted' | 'unknown';
      /** The channel that was used. */
      readonly channel: Channel;
      /** The name of the sender in the options. */
      readonly sender: string;
    }
  | { readonly outcome: 'rejected' | 'unavailable' };

/**
 * Sends one message: tries one sender after the other until one accepts it, all with the same code. A recipient that is
 * rejected is not tried again through the same channel. Emits `send_failed` for each attempt that fails, and a `fault` if
 * the message is unavailable.
 *
 * @returns the first acceptance; otherwise `unknown` if any attempt may have gone out, since its code has to work
 */
export async function deliver(
  context: DeliveryContext,
  delivery: Delivery,
): Promise<DeliveryOutcome> {
  const attempts = planAttempts(context, delivery);
  const endsAt = performance.now() + context.sendTimeoutMs;
  let unknown: DeliveryOutcome | undefined;
  let failure: 'rejected' | 'unavailable' = 'unavailable';
  let rejectedChannel: Channel | undefined;
  let isTried = false;
  for (const [index, attempt] of attempts.entries()) {
    const { channel, sender } = attempt;
    if (channel === rejectedChannel) continue;
    // The rest of the time is shared equally with the senders behind this one that are ready.
    const others = attempts.slice(index + 1).filter((each) => each.breaker.isReady());
    const timeoutMs = Math.floor((endsAt - performance.now()) / (1 + others.length));
    const result = await trySender(context, delivery, { attempt, timeoutMs });
    isTried ||= result !== 'skipped';
    if (typeof result === 'object')
      return { outcome: 'accepted', channel: result.channel, sender: sender.name };
    if (result === 'unknown') unknown = { outcome: 'unknown', channel, sender: sender.name };
    else failure = result === 'rejected' ? result : 'unavailable';
    if (result === 'rejected') rejectedChannel = channel;
  }
  if (unknown !== undefined) return unknown;
  // Without an attempt no message could be written, which has its own event.
  if (failure === 'unavailable' && attempts.length > 0) {
    const error = new Error(isTried ? NOT_ACCEPTED : NOT_TRIED);
    context.emit({ type: 'fault', during: 'delivery', error: describeError(error) });
  }
  return { outcome: failure };
}

const NOT_ACCEPTED = 'no sender accepted the message';
const NOT_TRIED = 'no sender was tried: every breaker is open, or no time was left';

interface Turn {
  readonly attempt: Attempt;
  readonly timeoutMs: number;
}

/** `skipped`: the breaker is open, or no time is left. */
type TurnResult = { readonly channel: Channel } | SendFailure | 'skipped';

async function trySender(
  context: DeliveryContext,
  delivery: Delivery,
  { attempt, timeoutMs }: Turn,
): Promise<TurnResult> {
  const { channel, breaker } = attempt;
  const { sender, name } = attempt.sender;
  const { parties } = delivery;
  const permit = timeoutMs > 0 ? breaker.enter() : undefined;
  if (permit === undefined) return 'skipped';
  try {
    const accepted = await withTimeLimit('the sender', timeoutMs, (signal) =>
      sender.send(toMessage(delivery, attempt, { signal, timeoutMs })),
    );
    const used = isChannel(accepted?.channel) ? accepted.channel : channel;
    breaker.leave(permit, 'healthy', parties);
    return { channel: used };
  } catch (error) {
    const { kind, countsForBreaker } = classifyFailure(error);
    reportFailure(context, delivery, { channel, sender: name, kind, error });
    breaker.leave(permit, countsForBreaker ? 'failed' : 'undecided', parties);
    return kind;
  }
}

function toMessage(
  { id, send, plan, identifier, code, locale, expiresAt, dispatchId }: Delivery,
  { channel, content }: Attempt,
  { signal, timeoutMs }: Pick<Required<OtpMessage>, 'signal' | 'timeoutMs'>,
): OtpMessage {
  // Another channel has another key: its message is no repeat.
  const idempotencyKey = channel === plan.channel ? `${id}.${send}` : `${id}.${send}.${channel}`;
  return {
    channel,
    to: identifier.value,
    code,
    content,
    locale,
    expiresAt: new Date(expiresAt),
    idempotencyKey,
    send,
    signal,
    timeoutMs,
    ...(dispatchId === undefined ? {} : { dispatchId }),
  };
}
