// `next start`, once the settings make sense: a bad one is told in one line, before anything listens.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createDemo, readSettings, SettingError, urlHost } from '@otp/example-shared';
import { openStore } from '@otp/example-shared/store';

/** @param {import('@otp/example-shared').Settings} settings */
function assertServed({ trustProxy }) {
  if (trustProxy !== false && !Number.isInteger(trustProxy)) {
    throw new SettingError('OTP_TRUST_PROXY must be a number of hops in the Next example.');
  }
}

try {
  const settings = readSettings(process.env, (text) => console.warn(text));
  assertServed(settings);
  // The app opens it for itself; here it is tried, so that a server that is not there is told in one line.
  createDemo(settings, await openStore(settings.store));
  const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
  const dir = fileURLToPath(new URL('.', import.meta.url));
  const { host, port } = settings;
  const child = spawn(
    process.execPath,
    [next, 'start', dir, '--hostname', host, '--port', String(port)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    },
  );
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const found = /Local: +http:\/\/[^\n]*:(\d+)/.exec(text)?.[1];
    if (found === undefined) return;
    const name = host === '127.0.0.1' ? 'localhost' : urlHost(settings);
    console.log(`The demo is at http://${name}:${found} and its messages at /dev/inbox`);
  });
  let isStopped = false;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.on(signal, () => {
      isStopped = true;
      child.kill(signal);
    });
  }
  // Next ends with 143 when it is told to end.
  child.once('close', (status) => process.exit(isStopped ? 0 : (status ?? 1)));
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exit(1);
}
