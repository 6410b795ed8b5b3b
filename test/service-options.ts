import { createMemoryStore, generateKeys, type OtpServiceOptions } from '@otp/core';

type KeyPair = ReturnType<typeof generateKeys>;

/** The least options of createOtpService, with senders that accept every message. */
export function serviceOptions(): OtpServiceOptions & KeyPair {
  const sender = { send: async () => undefined };
  return {
    appId: 'app',
    issuer: 'https://otp.example',
    ...generateKeys(),
    store: createMemoryStore(),
    channels: { sms: { sender, countries: 'ALL' }, email: { sender } },
  };
}
