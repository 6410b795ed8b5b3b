import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { readSettings } from './settings.js';

const settings = readSettings(process.env, (text) => console.warn(text));
const server = createApp(settings).listen(settings.port, settings.host, (error?: Error) => {
  if (error !== undefined) {
    console.error(`The demo cannot listen on port ${settings.port}: ${error.message}`);
    process.exit(1);
  }
  const { port } = server.address() as AddressInfo;
  const host = settings.host === '127.0.0.1' ? 'localhost' : settings.host;
  console.log(`The demo is at http://${host}:${port} and its messages at /dev/inbox`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
