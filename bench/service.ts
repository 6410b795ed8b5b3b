import {
  createMemoryStore,
  createOtpService,
  generateKeys,
  type OtpService,
  type OtpServiceOptions,
} from '@otp/core';

const ISSUER = 'https://bench.example';

const UNREACHED = [
  { max: 1_000_000_000, windowSeconds: 600 },
  { max: 1_000_000_000, windowSeconds: 3600 },
];

/** A service that sends nothing, with limits that a benchmark never reaches. */
export function createBenchService(options: Partial<OtpServiceOptions> = {}): OtpService {
  const sender = { send: async () => undefined };
  return createOtpService({
    appId: 'bench',
    issuer: ISSUER,
    ...generateKeys(),
    store: createMemoryStore({ maxVerifications: 5_000_000, maxLimits: 50_000_000 }),
    channels: { email: { sender }, sms: { sender, countries: 'ALL' } },
    limits: {
      standalone: { clientAddress: UNREACHED },
      stepUp: { clientAddress: UNREACHED },
      numberPrefix: [{ max: 1_000_000_000, windowSeconds: 3600 }],
      numberPrefixShare: [{ max: 1_000_000_000, windowSeconds: 3600 }],
      // The codes of a benchmark are never entered.
      conversion: { prefixSampleSize: 1_000 },
    },
    ...options,
  });
}

export function emailBody(index: number): string {
  return JSON.stringify({
    identifier: { type: 'email_address', value: `user${index}@example.com` },
  });
}

export function phoneBody(index: number): string {
  const value = `+336${String(10_000_000 + (index % 89_999_999))}`;
  return JSON.stringify({ identifier: { type: 'phone_number', value } });
}

/** A challenge token admits a few creates only, so each create gets one of its own. */
export async function stepUpBodies(service: OtpService, count: number): Promise<string[]> {
  const bodies: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const token = await service.issueChallengeToken({
      sub: `user-${index}`,
      sid: `session-${index}`,
      scope: 'transfer:create',
      steps: ['verify_email'],
      identifier: { type: 'email_address', value: `user${index}@example.com` },
    });
    bodies.push(JSON.stringify({ challenge_token: token }));
  }
  return bodies;
}
