// `node scripts/picture.mjs`: draws docs/assets/demo.png, the demo's form beside its inbox, from the running demo.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureChromium } from './ensure-chromium.mjs';
import { prepareDemo } from './lib/demo.mjs';
import { root } from './lib/run.mjs';

const PHONE = '+12025550123';
const EMAIL = 'ada@example.com';
const SIZE = { width: 520, height: 590 };
const SHOWN_URL = 'localhost:3000';

const demo = spawn(process.execPath, [await prepareDemo()], {
  env: { PATH: process.env.PATH, PORT: '0', NODE_NO_WARNINGS: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: ensureChromium(),
  // Emulation does not reach the sandboxed frame of the e-mail: the whole browser draws at this scale.
  args: ['--no-sandbox', '--disable-gpu', '--force-device-scale-factor=2'],
});
try {
  const url = await started();
  const context = await browser.newContext({
    viewport: SIZE,
    deviceScaleFactor: 2,
    colorScheme: 'light',
    bypassCSP: true,
  });
  await context.request.post(`${url}/v1/session/otp`, {
    data: { identifier: { type: 'email_address', value: EMAIL } },
  });

  const form = await context.newPage();
  await form.goto(url);
  await form.getByLabel('Mobile number or e-mail address').fill(PHONE);
  await form.getByRole('button', { name: 'Send the code' }).click();
  const inbox = await context.newPage();
  await inbox.goto(`${url}/dev/inbox`);
  await inbox.locator('.message.email iframe').contentFrame().locator('body').waitFor();
  const [, code = ''] =
    /(\d{6})/.exec((await inbox.locator('.message.sms .text').textContent()) ?? '') ?? [];
  // The sixth digit would send the form.
  await form.getByLabel('6-digit code', { exact: true }).fill(code.slice(0, 5));

  const shots = [
    { page: form, address: `${SHOWN_URL}/` },
    { page: inbox, address: `${SHOWN_URL}/dev/inbox` },
  ];
  const frames = [];
  for (const { page, address } of shots) {
    await page.addStyleTag({ content: '.intro, .how, nav { display: none !important }' });
    await page.bringToFront();
    const png = await page.screenshot({ caret: 'hide', animations: 'disabled' });
    frames.push(`<figure><figcaption><i></i><i></i><i></i><span>${address}</span></figcaption>
      <img src="data:image/png;base64,${png.toString('base64')}" width="${SIZE.width}"></figure>`);
  }
  const sheet = await context.newPage();
  await sheet.setViewportSize({ width: 1136, height: 800 });
  await sheet.setContent(`<style>${STYLE()}</style><main>${frames.join('')}</main>`);
  await sheet.locator('main').screenshot({ path: join(root, 'docs', 'assets', 'demo.png') });
} finally {
  await browser.close();
  demo.kill('SIGTERM');
  await once(demo, 'close');
}

/** @returns {Promise<string>} the demo's address, once it listens */
async function started() {
  let text = '';
  for await (const chunk of demo.stdout) {
    text += chunk;
    const [, port] = /http:\/\/\S*?:(\d+) /.exec(text) ?? [];
    if (port !== undefined) {
      demo.stdout.resume();
      return `http://localhost:${port}`;
    }
  }
  throw new Error(`the demo has not started:\n${text}`);
}

function STYLE() {
  return `
    body { margin: 0; background: #fff; font: 13px system-ui, "Liberation Sans", sans-serif }
    main { display: flex; justify-content: center; gap: 28px; padding: 20px 20px 36px }
    figure { margin: 0; overflow: hidden; border: 1px solid #d5ddd9; border-radius: 12px;
      box-shadow: 0 10px 30px -12px rgb(20 40 34 / 28%) }
    figcaption { display: flex; align-items: center; gap: 7px; padding: 9px 14px; background: #e9eeeb; color: #55615c }
    i { width: 10px; height: 10px; border-radius: 50%; background: #c4cfc9 }
    span { margin-left: 10px }
    img { display: block }
  `;
}
