import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createApp } from '@otp/example-express/app';
import {
  createDemo,
  listen,
  readSettings,
  runProgram,
  type Served,
  SettingError,
  type Settings,
  urlHost,
} from '@otp/example-shared';
import { openStore } from '@otp/example-shared/store';
import { startLambdaRuntime } from '@otp/test/lambda';
import { forward, readGateway } from './gateway.js';
import { createMessageServer } from './messages.js';

/** The demo, with the function in the runtime of Lambda at the mount point. */
async function serve(settings: Settings): Promise<Served> {
  const gateway = readGateway(process.env);
  const client = readClient(process.env);
  // The endpoints of the pages are a second back end on the same store.
  const store = await openStore(settings.store);
  const server = createServer();
  const port = await listen(server, settings);
  const demo = createDemo({ ...settings, port }, store);
  const messages = createMessageServer(demo.inbox);
  const messagesPort = await listen(messages, { host: '127.0.0.1', port: 0 });
  messages.unref();

  const name = settings.host === '127.0.0.1' ? 'localhost' : urlHost(settings);
  const runtime = await startLambdaRuntime({
    client,
    directory: fileURLToPath(new URL('../function/', import.meta.url)),
    handler: 'index.handler',
    env: {
      // The domain in the gateway's events is not the one that clients request.
      OTP_PUBLIC_URL: `http://${name}:${port}/v1/session/otp`,
      ...otpVariables(),
      OTP_SECRET: settings.secret,
      OTP_SENDER_URL: `http://127.0.0.1:${messagesPort}/`,
      HOST: settings.host,
      PORT: String(port),
    },
  });
  server.on('request', createApp(demo, forward(gateway, runtime)));
  console.log(`The demo is at http://${name}:${port} and its messages at /dev/inbox`);
  return { server, stop: () => runtime.stop() };
}

function readClient({ LAMBDA_RIC_PATH }: NodeJS.ProcessEnv): string {
  if (LAMBDA_RIC_PATH) return LAMBDA_RIC_PATH;
  throw new SettingError(
    'LAMBDA_RIC_PATH must be the file index.mjs of the package aws-lambda-ric.',
  );
}

function otpVariables() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /^OTP_/.test(name)));
}

await runProgram(() => serve(readSettings(process.env, (text) => console.warn(text))));
