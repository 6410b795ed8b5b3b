import type { OtpService, OtpStore } from '@otp/core';
import { Inbox } from './inbox.js';
import { createDemoService } from './service.js';
import type { Settings } from './settings.js';

/** All that a demo is, whatever framework serves it. */
export interface Demo {
  readonly settings: Settings;
  readonly inbox: Inbox;
  readonly service: OtpService;
}

/**
 * With the store that `openStore` answered.
 * @throws SettingError that names the variable whose value the library refuses.
 */
export function createDemo(settings: Settings, store: OtpStore): Demo {
  const inbox = new Inbox(settings.failing);
  return { settings, inbox, service: createDemoService(settings, inbox, store) };
}
