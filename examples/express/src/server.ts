import { createServer } from 'node:http';
import {
  createDemo,
  type Demo,
  listen,
  readSettings,
  runProgram,
  type Served,
  type Settings,
  urlHost,
} from '@otp/example-shared';
import { openSenders } from '@otp/example-shared/senders';
import { openStore } from '@otp/example-shared/store';
import { otpRouter } from '@otp/express';
import type { Express, Request } from 'express';
import { createApp } from './app.js';
import { sessionIn } from './demo-routes.js';

/** Listens before the app is created, because the demo's own origins depend on the port. */
async function serve(settings: Settings): Promise<Served> {
  const senders = await openSenders(settings.senders);
  const store = await openStore(settings.store);
  const { host } = settings;
  const server = createServer();
  const port = await listen(server, settings);
  server.on('request', createDemoApp(createDemo({ ...settings, port }, store, senders)));
  const name = host === '127.0.0.1' ? 'localhost' : urlHost(settings);
  console.log(`The demo is at http://${name}:${port} and its messages at /dev/inbox`);
  return { server };
}

function createDemoApp(demo: Demo): Express {
  const session = (req: Request) => sessionIn(req, demo);
  const options = demo.settings.sessionHeader === undefined ? {} : { session };
  return createApp(demo, otpRouter(demo.service, options));
}

await runProgram(() => serve(readSettings(process.env, (text) => console.warn(text))));
