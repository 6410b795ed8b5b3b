import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtpStore } from '@otp/core';
import {
  createDemo,
  readSettings,
  SettingError,
  type Settings,
  urlHost,
} from '@otp/example-shared';
import { openStore } from '@otp/example-shared/store';
import { otpRouter } from '@otp/express';
import type { Express, Request } from 'express';
import { createApp } from './app.js';
import { sessionIn } from './demo-routes.js';

/** Listens before it makes the app: which origins are the demo's own depends on the port. */
async function serve(settings: Settings): Promise<Server> {
  const store = await openStore(settings.store);
  const { host } = settings;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) => {
      reject(
        new SettingError(
          `The demo cannot listen on HOST ${host}, PORT ${settings.port}: ${message}`,
        ),
      );
    });
    server.listen(settings.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  server.on('request', createDemoApp({ ...settings, port }, store));
  const name = host === '127.0.0.1' ? 'localhost' : urlHost(settings);
  console.log(`The demo is at http://${name}:${port} and its messages at /dev/inbox`);
  return server;
}

function createDemoApp(settings: Settings, store: OtpStore): Express {
  const demo = createDemo(settings, store);
  const session = (req: Request) => sessionIn(req, demo);
  const options = settings.sessionHeader === undefined ? {} : { session };
  return createApp(demo, otpRouter(demo.service, options));
}

try {
  const server = await serve(readSettings(process.env, (text) => console.warn(text)));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close(() => process.exit(0));
      server.closeAllConnections();
    });
  }
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exit(1);
}
