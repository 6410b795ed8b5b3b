import type { NewRecord, OtpStore } from '@otp/core/store';
import { replaceVerbs } from './test-kit.js';

/** A store that writes changed records. */
export function interceptOpen(store: OtpStore, change: (record: NewRecord) => NewRecord): OtpStore {
  return replaceVerbs(store, {
    open: (record, ...more) => store.open(change(record), ...more),
  });
}
