// For stores: the port, its types, and the helpers that every store needs.

export type { CountedWindow, Counter } from './lib/limits/counter.js';
export {
  countEvent,
  endOf,
  giveBackCreate,
  giveBackGuess,
  isKept,
  isRepeat,
  refundEvent,
  refusalOf,
  refusalOfOther,
} from './lib/limits/counter.js';
export { gapMsAfter } from './lib/limits/intervals.js';
export { toRefused } from './lib/limits/refusal.js';
export type {
  Channel,
  CheckReservation,
  Completed,
  Completion,
  CounterName,
  FewerGuesses,
  Guess,
  Limit,
  LimitName,
  NewRecord,
  Opened,
  OpenRecord,
  OtpStore,
  RecordStatus,
  Refused,
  SendReservation,
  SentMessage,
  Tallied,
  Tally,
  Window,
} from './lib/ports.js';
export { GIVE_BACKS_PER_DAY, isChannel } from './lib/ports.js';
export {
  boolean,
  fn,
  instance,
  integer,
  optionsOf,
  parseOptions,
  text,
} from './lib/util/schema.js';
export { TimeLimitError, withTimeLimit } from './lib/util/time-limit.js';
