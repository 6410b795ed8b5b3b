import { createMemoryStore } from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import {
  createDemoService,
  readSettings,
  refuseSenders,
  SettingError,
  sessionOf,
} from '@otp/example-shared';
import { type LambdaEvent, type LambdaResult, otpHandler } from '@otp/lambda';
import { createSender } from './sender.js';

// At the top level: runs once for each instance, while Lambda starts it.
const settings = readSettings(process.env, (text) => console.warn(text));
refuseSenders(settings);
if (settings.onBlock === 'silent') {
  throw new SettingError(
    'OTP_ON_BLOCK must be forbidden: Lambda stops a function that has answered.',
  );
}

const session = (event: LambdaEvent) => {
  const multiValueHeaders = 'multiValueHeaders' in event ? event.multiValueHeaders : undefined;
  const fields = Object.entries({ ...event.headers, ...multiValueHeaders });
  return sessionOf((wanted) => {
    const [, value] = fields.find(([name]) => name.toLowerCase() === wanted) ?? [];
    return typeof value === 'string' ? value : value?.[0];
  }, settings);
};

function handlerOn(store: OtpStore) {
  const sender = createSender(process.env.OTP_SENDER_URL);
  const service = createDemoService(settings, { sms: sender, email: sender }, store);
  return otpHandler(service, settings.sessionHeader === undefined ? {} : { session });
}

/** Opens the store at the first event and keeps it; tries again at the next event when that has failed. */
function handlerOnDatabase(): (event: LambdaEvent) => Promise<LambdaResult> {
  let opened: ReturnType<typeof openHandler> | undefined;
  const openHandler = async () => {
    // A separate file in the deployed folder, so that only functions with a database load the drivers.
    const { openStore } = await import('./store.js');
    // The template or the administrator of the database creates the tables.
    return handlerOn(await openStore(settings.store, { prepare: false }));
  };
  return async (event) => {
    opened ??= openHandler();
    const serve = await opened.catch((error) => {
      opened = undefined;
      throw error;
    });
    return serve(event);
  };
}

export const handler =
  settings.store.kind === 'memory' ? handlerOn(createMemoryStore()) : handlerOnDatabase();
