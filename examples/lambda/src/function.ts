import { createDemoService, readSettings, SettingError, sessionOf } from '@otp/example-shared';
import { type LambdaEvent, otpHandler } from '@otp/lambda';
import { createSender } from './sender.js';

// At the top, so that it happens once for each instance, while Lambda starts it.
const settings = readSettings(process.env, (text) => console.warn(text));
if (settings.onBlock === 'silent') {
  throw new SettingError(
    'OTP_ON_BLOCK must be forbidden: Lambda stops a function that has answered.',
  );
}
const service = createDemoService(settings, createSender(process.env.OTP_SENDER_URL));

const session = (event: LambdaEvent) => {
  const multiValueHeaders = 'multiValueHeaders' in event ? event.multiValueHeaders : undefined;
  const fields = Object.entries({ ...event.headers, ...multiValueHeaders });
  return sessionOf((wanted) => {
    const [, value] = fields.find(([name]) => name.toLowerCase() === wanted) ?? [];
    return typeof value === 'string' ? value : value?.[0];
  }, settings);
};

export const handler = otpHandler(service, settings.sessionHeader === undefined ? {} : { session });
