export type {
  Channel,
  CheckReservation,
  Limit,
  LimitName,
  NewRecord,
  OpenRecord,
  OtpStore,
  Refused,
  SendReservation,
  Tallied,
  Tally,
  Window,
} from './lib/ports.js';
export {
  boolean,
  fn,
  instance,
  integer,
  oneOf,
  optionsOf,
  parseOptions,
  text,
} from './lib/util/schema.js';
