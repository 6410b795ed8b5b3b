import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import { createFloodClock } from './flood-clock.js';
import { FLOOD_LIMITS } from './flood-limits.js';
import type { FloodTarget } from './flood-run.js';
import { collectGarbage } from './measure.js';

/** Through `handle`. */
export async function startCore(creates: number): Promise<FloodTarget> {
  const { now, tick } = createFloodClock(creates);
  const codes = new Map<string, string>();
  const sender = {
    async send({ to, code }: { to: string; code: string }) {
      if (to.startsWith('live-')) codes.set(to, code);
      return undefined;
    },
  };
  const service = createOtpService({
    appId: 'flood',
    issuer: 'https://flood.example',
    ...generateKeys(),
    store: createMemoryStore({ now }),
    channels: { email: { sender }, sms: { sender, countries: 'ALL' } },
    limits: FLOOD_LIMITS,
    now,
  });
  return {
    clients: 1,
    now: () => now() / 1000,
    async post(path, body, { address, cookie }) {
      tick();
      const fields = new Map([['content-type', 'application/json']]);
      if (cookie !== undefined) fields.set('cookie', cookie);
      const { status, headers } = await service.handle({
        method: 'POST',
        path: path === '' ? '/' : path,
        header: (name) => [fields.get(name) ?? []].flat(),
        body: JSON.stringify(body),
        clientAddress: address,
      });
      const set = headers.find(([name]) => name === 'set-cookie')?.[1];
      return { status, cookie: set?.split(';')[0] };
    },
    async codeFor(recipient) {
      const code = codes.get(recipient) ?? '';
      codes.delete(recipient);
      return code;
    },
    async memory() {
      const { heapUsed, rss } = collectGarbage();
      return { heap: heapUsed, rss };
    },
    close: () => service.close(),
  };
}
