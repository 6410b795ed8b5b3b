// The server of the flood, in a process of its own; the argument says how many creates will come.
import type { AddressInfo } from 'node:net';
import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import { otpRouter } from '@otp/express';
import express from 'express';
import { createFloodClock } from './flood-clock.js';
import { FLOOD_LIMITS } from './flood-limits.js';
import { collectGarbage } from './measure.js';

const { now, tick } = createFloodClock(Number(process.argv[2]));
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

const app = express().set('trust proxy', 1);
app.use((_req, _res, next) => {
  tick();
  next();
});
app.use('/otp', otpRouter(service));
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', (question: string) => {
  if (question !== 'memory') return process.send?.(codes.get(question) ?? '');
  const { heapUsed, rss } = collectGarbage();
  return process.send?.({ heap: heapUsed, rss });
});
process.once('disconnect', () => process.exit(0));
