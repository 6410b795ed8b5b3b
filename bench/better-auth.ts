import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { emailOTP } from 'better-auth/plugins';

/**
 * Sends nothing, and keeps codes in a `Map`: its memory adapter searches an array, which would slow down with each code.
 * Its limits are by client address only, and stay off, since all requests come from one.
 */
export function createBetterAuth() {
  const values = new Map<string, string>();
  return betterAuth({
    baseURL: 'http://127.0.0.1',
    secret: 'a secret of thirty-two bytes or more, for a bench',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    secondaryStorage: {
      get: (key) => values.get(key) ?? null,
      set: (key, value) => void values.set(key, value),
      delete: (key) => void values.delete(key),
      getAndDelete: (key) => {
        const value = values.get(key) ?? null;
        values.delete(key);
        return value;
      },
      increment: (key) => {
        const count = Number(values.get(key) ?? 0) + 1;
        values.set(key, String(count));
        return count;
      },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [emailOTP({ storeOTP: 'hashed', sendVerificationOTP: async () => undefined })],
  });
}

export function betterAuthBody(index: number): string {
  return JSON.stringify({ email: `user${index}@example.com`, type: 'sign-in' });
}
