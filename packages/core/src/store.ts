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
