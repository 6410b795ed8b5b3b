import { inspect } from 'node:util';
import type { Emit } from '../events.js';
import { isCountry } from '../identifier/countries.js';
import type { Sender } from '../ports.js';
import { type Breaker, createBreaker, type StartStopwatch } from './breaker.js';

/** A sender as a route knows it. */
export interface RouteSender {
  readonly sender: Sender;
  /** Where the options name it first, like `channels.sms.sender[1]`: what events call it. */
  readonly name: string;
  readonly breaker: Breaker;
}

export type ToRouteSender = (sender: Sender, name: string) => RouteSender;

/** One sender object has one breaker in a service, whatever routes it is part of. */
export function createRouteSenders(emit: Emit, wall: () => number): ToRouteSender {
  const startStopwatch = stopwatchOf(wall);
  const known = new Map<Sender, RouteSender>();
  return (sender, name) => {
    const found = known.get(sender);
    if (found !== undefined) return found;
    const breaker = createBreaker(startStopwatch, (state) =>
      emit({ type: 'breaker', sender: name, state }),
    );
    const created = { sender, name, breaker };
    known.set(sender, created);
    return created;
  };
}

/** The one clock may be set back, the other stands still while the machine sleeps. */
function stopwatchOf(wall: () => number): StartStopwatch {
  return () => {
    const [wallBegin, begin] = [wall(), performance.now()];
    return () => Math.max(wall() - wallBegin, performance.now() - begin);
  };
}

/** @throws TypeError that says what to write. */
export function resolveSenders(
  senders: Sender | readonly Sender[] | undefined,
  field: string,
  toRouteSender: ToRouteSender,
): readonly RouteSender[] {
  const isList = Array.isArray(senders);
  const list: readonly (Sender | undefined)[] = isList ? senders : [senders as Sender | undefined];
  if (list.length === 0) {
    throw new TypeError(`${field} must have one sender at least: the first is asked first.`);
  }
  if (new Set(list).size < list.length) {
    throw new TypeError(`${field} must have each sender once: a fail-over goes to another one.`);
  }
  return list.map((sender, index) => {
    const name = isList ? `${field}[${index}]` : field;
    if (typeof sender?.send !== 'function') {
      throw new TypeError(
        `${name} must be an object with send(message), like { send: async ({ to, content }) => … }.`,
      );
    }
    return toRouteSender(sender, name);
  });
}

/** @throws TypeError that says what to write. */
export function resolveSendersByCountry(
  options: Readonly<Record<string, Sender | readonly Sender[]>> | undefined,
  field: string,
  toRouteSender: ToRouteSender,
): ReadonlyMap<string, readonly RouteSender[]> {
  const rule = `${field} must be an object of senders by country, like { US: sender, FR: [first, second] } (ISO 3166-1 alpha-2)`;
  if (options === undefined) return new Map();
  if (typeof options !== 'object' || options === null || Symbol.iterator in options) {
    throw new TypeError(`${rule}.`);
  }
  const resolved = Object.entries(options).map(([country, senders]) => {
    if (!isCountry(country)) throw new TypeError(`${rule}; ${inspect(country)} is no country.`);
    return [country, resolveSenders(senders, `${field}.${country}`, toRouteSender)] as const;
  });
  return new Map(resolved);
}
