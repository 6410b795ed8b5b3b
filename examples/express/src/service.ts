import { createMemoryStore, createOtpService, type OtpEvent, type OtpService } from '@otp/core';
import type { Inbox } from './inbox.js';
import { deriveKeys } from './keys.js';
import type { Settings } from './settings.js';

/** The service as the settings want it, on the inbox instead of real senders. */
export function createDemoService(settings: Settings, inbox: Inbox): OtpService {
  const { appId, blocked, publicUrl, countries, limits } = settings;
  return createOtpService({
    appId,
    appName: 'OTP Demo',
    issuer: `urn:otp-demo:${appId}`,
    ...deriveKeys(settings.secret),
    store: createMemoryStore(),
    channels: {
      sms: { sender: inbox, countries },
      email: { sender: inbox },
    },
    challengeIssuers: settings.challengeIssuers,
    guard: ({ identifier }) => (blocked.has(identifier.value) ? 'block' : 'allow'),
    onBlock: settings.onBlock,
    // This process stays alive behind the answer; decoys need sending to be off the clock.
    ...(settings.onBlock === 'silent' ? { waitUntil: () => {} } : {}),
    ...(settings.origins === undefined ? {} : { origins: settings.origins }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    retryIntervalSeconds: settings.retryIntervalSeconds,
    dangerouslyDisableLimits: limits === 'off',
    onEvent: logFaults,
  });
}

/** A real host counts the other events too; one line for each would drown the demo's terminal. */
function logFaults(event: OtpEvent): void {
  if (event.type === 'fault' || event.type === 'unreadable_record') console.error(event);
}
