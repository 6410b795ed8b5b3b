// A server in a process of its own, so that its CPU time is its own:
// `node dist/app.js bare|read|composed|otp|unlimited KEYS`.
import type { AddressInfo } from 'node:net';
import { otpRouter } from '@otp/express';
import express from 'express';
import { sealAlone } from './seal.js';
import { createBenchService } from './service.js';

const [kind, keys = '{}'] = process.argv.slice(2);
const app = express();
if (kind === 'otp' || kind === 'unlimited') {
  const service = createBenchService({
    ...JSON.parse(keys),
    dangerouslyDisableLimits: kind === 'unlimited',
  });
  app.use('/v1/session/otp', otpRouter(service));
} else if (kind === 'read') {
  // What is left of bare Express without its parser: the body read by hand and thrown away.
  app.post('/v1/session/otp', (req, res) => {
    req.resume().on('end', () => res.status(204).end());
  });
} else if (kind === 'composed') {
  // The floor: the body read by hand, the steps that no design can leave out, a Map, the answer.
  const records = new Map<string, string>();
  app.post('/v1/session/otp', (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      const { identifier } = JSON.parse(Buffer.concat(chunks).toString());
      const { token, id, sealed } = sealAlone(identifier.value);
      records.set(id, sealed);
      res.set('set-cookie', `c=${token}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600`);
      res.set('cache-control', 'no-store').status(204).end();
    });
  });
} else {
  app.use(express.json());
  app.post('/v1/session/otp', (_req, res) => {
    res.status(204).end();
  });
}

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => process.send?.(process.cpuUsage()));
process.once('disconnect', () => process.exit(0));
