import type { OtpConfig } from '../config.js';
import { type Channel, isChannel, type OtpMessage, type SendFailure } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';
import type { Delivery } from './deliver.js';
import { type Attempt, planAttempts } from './plan-attempts.js';
import { judgeFailure, reportFailure } from './send-failure.js';

/** `unknown`: the message may be out. */
export type Asked =
  | {
      readonly outcome: 'accepted' | 'unknown';
      readonly channel: Channel;
      /** Where the options name it. */
      readonly sender: string;
    }
  | { readonly outcome: 'rejected' | 'unavailable' };

/**
 * Asks one sender after the other until one accepts the message, which has the same code for all. A
 * recipient that one of them refuses for good is refused for that channel. Once a message may be out,
 * its code has to work, whatever the others say.
 */
export async function askSenders(config: OtpConfig, delivery: Delivery): Promise<Asked> {
  const attempts = planAttempts(config, delivery);
  const endsAt = performance.now() + config.sendTimeoutMs;
  let unknown: Asked | undefined;
  let failure: 'rejected' | 'unavailable' = 'unavailable';
  let refusedBy: Channel | undefined;
  let isAsked = false;
  for (const [index, attempt] of attempts.entries()) {
    const { channel, by } = attempt;
    if (channel === refusedBy) continue;
    // What is left of the time is shared with those that can still be asked.
    const others = attempts.slice(index + 1).filter((each) => each.by.breaker.isReady());
    const limitMs = Math.floor((endsAt - performance.now()) / (1 + others.length));
    const answer = await ask(config, delivery, { attempt, limitMs });
    isAsked ||= answer !== 'skipped';
    if (typeof answer === 'object')
      return { outcome: 'accepted', channel: answer.channel, sender: by.name };
    if (answer === 'unknown') unknown = { outcome: 'unknown', channel, sender: by.name };
    else failure = answer === 'rejected' ? answer : 'unavailable';
    if (answer === 'rejected') refusedBy = channel;
  }
  if (!isAsked && attempts.length > 0) {
    // Behind an answer there would be no other trace of it.
    const error = new Error('the breaker of every sender is open');
    reportFailure(config, delivery, {
      channel: delivery.route.channel,
      kind: 'unavailable',
      error,
    });
  }
  return unknown ?? { outcome: failure };
}

interface Turn {
  readonly attempt: Attempt;
  readonly limitMs: number;
}

type Answer = { readonly channel: Channel } | SendFailure | 'skipped';

/** `skipped`: the sender's breaker is open, or there is no time left. */
async function ask(config: OtpConfig, delivery: Delivery, turn: Turn): Promise<Answer> {
  const { attempt, limitMs } = turn;
  const { channel, by } = attempt;
  const { breaker, sender, name } = by;
  const permit = limitMs > 0 ? breaker.enter() : undefined;
  if (permit === undefined) return 'skipped';
  try {
    const used = await withTimeLimit('the sender', limitMs, (signal) =>
      sender.send(toMessage(config, delivery, attempt, signal)),
    );
    const answer = { channel: isChannel(used?.channel) ? used.channel : channel };
    breaker.leave(permit, 'well');
    return answer;
  } catch (error) {
    const { kind, countsForBreaker } = judgeFailure(error);
    reportFailure(config, delivery, { channel, sender: name, kind, error });
    breaker.leave(permit, countsForBreaker ? 'failed' : 'undecided');
    return kind;
  }
}

function toMessage(
  config: OtpConfig,
  { id, send, route, identifier, code, locale, remainingMs, dispatchId }: Delivery,
  { channel, content }: Attempt,
  signal: AbortSignal,
): OtpMessage {
  // A provider must not take what goes through another channel for a repeat.
  const idempotencyKey = channel === route.channel ? `${id}.${send}` : `${id}.${send}.${channel}`;
  return {
    channel,
    to: identifier.value,
    code,
    content,
    locale,
    expiresAt: new Date(config.now() + remainingMs),
    idempotencyKey,
    send,
    ...(dispatchId === undefined ? {} : { dispatchId }),
    signal,
  };
}
