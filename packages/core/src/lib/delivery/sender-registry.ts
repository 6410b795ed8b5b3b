import * as v from 'valibot';
import type { Emit } from '../events/events.js';
import type { Sender } from '../ports.js';
import { instance } from '../util/schema.js';
import { type Breaker, createBreaker } from './breaker.js';

/** A sender of a delivery plan. */
export interface PlanSender {
  readonly sender: Sender;
  /** Where the sender stands first in the options, for example `channels.sms.sender[1]`. Events name it like this. */
  readonly name: string;
  /** @param country of the recipient; undefined for an e-mail address */
  breakerFor(country: string | undefined): Breaker;
}

/** Adds the senders of an option to a service. */
export type AddSenders = (
  senders: Sender | readonly Sender[],
  name: string,
) => readonly PlanSender[];

/**
 * A sender object has one breaker for each country in a service, however many delivery plans it is part of.
 *
 * @param now milliseconds of a monotonic clock
 */
export function createSenderRegistry(emit: Emit, now: () => number): AddSenders {
  const known = new Map<Sender, PlanSender>();
  const add = (sender: Sender, name: string): PlanSender => {
    const found = known.get(sender);
    if (found !== undefined) return found;
    const breakers = new Map<string | undefined, Breaker>();
    const breakerFor = (country: string | undefined): Breaker => {
      const existing = breakers.get(country);
      if (existing !== undefined) return existing;
      const of = country === undefined ? {} : { country };
      const breaker = createBreaker(now, (state) =>
        emit({ type: 'breaker', sender: name, ...of, state }),
      );
      breakers.set(country, breaker);
      return breaker;
    };
    const added = { sender, name, breakerFor };
    known.set(sender, added);
    return added;
  };
  return (senders, name) =>
    isArray(senders)
      ? senders.map((sender, index) => add(sender, `${name}[${index}]`))
      : [add(senders, name)];
}

/** `Array.isArray` does not narrow a readonly array. */
function isArray(senders: Sender | readonly Sender[]): senders is readonly Sender[] {
  return Array.isArray(senders);
}

const SENDER = instance<Sender>(
  ['send'],
  'must be a Sender, like { send: async ({ to, content }) => … }',
);

const SENDERS = v.pipe(
  v.array(SENDER),
  v.minLength(1, 'must have at least one sender: they are tried in this order'),
  v.check(
    (senders) => new Set(senders).size === senders.length,
    'must have each sender once: the next one is tried when one fails',
  ),
);

/** The schema of one sender or an array of senders. */
export function oneOrMoreSenders() {
  return v.lazy(
    (value): v.GenericSchema<Sender | readonly Sender[]> =>
      Array.isArray(value) ? SENDERS : SENDER,
  );
}
