import type { OtpService } from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import { Inbox } from './inbox.js';
import { refuseSenders } from './sender-setting.js';
import { createDemoService, type Senders } from './service.js';
import type { Settings } from './settings.js';

/** All that a demo is, whatever framework serves it. */
export interface Demo {
  readonly settings: Settings;
  readonly inbox: Inbox;
  readonly service: OtpService;
}

/**
 * With the store that `openStore` answered, and with what `openSenders` did; what those do not serve, the inbox does.
 * @throws SettingError that names the variable whose value the library refuses.
 */
export function createDemo(
  settings: Settings,
  store: OtpStore,
  senders: Partial<Senders> = noSenders(settings),
): Demo {
  const inbox = new Inbox(settings.failing);
  const { providers } = inbox;
  const all = { sms: providers, email: providers, ...senders };
  const service = createDemoService(settings, all, store);
  return { settings, inbox, service };
}

/** For an example that opens none. */
function noSenders({ senders }: Settings): Partial<Senders> {
  refuseSenders({ senders });
  return {};
}
