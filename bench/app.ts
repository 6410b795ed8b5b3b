// A server in a process of its own, so that its CPU time is its own: `node dist/app.js bare|otp|better-auth KEYS`.
import type { AddressInfo } from 'node:net';
import { otpRouter } from '@otp/express';
import { toNodeHandler } from 'better-auth/node';
import express from 'express';
import { createBetterAuth } from './better-auth.js';
import { createBenchService } from './service.js';

const [kind, keys = '{}'] = process.argv.slice(2);
const app = express();
if (kind === 'otp') {
  app.use('/v1/session/otp', otpRouter(createBenchService(JSON.parse(keys))));
} else if (kind === 'better-auth') {
  app.all('/api/auth/{*path}', toNodeHandler(createBetterAuth()));
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
