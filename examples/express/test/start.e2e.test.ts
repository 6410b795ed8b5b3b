import { testRefusedSettings } from '@otp/example-shared/testing/refused-suite';
import { describe, expect, test } from 'vitest';
import { program, runDemo, startDemo, useDemo } from './demo.js';

describe('npm start', () => {
  const demo = useDemo();

  test('says where the demo is, and ends with everything that it started', async () => {
    const second = await startDemo();
    expect(second.output()).toMatch(/The demo is at http:\/\/localhost:\d+ .* \/dev\/inbox/);
    expect((await fetch(second.url)).status).toBe(200);
    await second.stop();
  });

  testRefusedSettings(program);

  test('refuses a HOST that is none', async () => {
    const { status, output } = await runDemo({ HOST: 'no host' });
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining('HOST') });
  });

  test('says so when the port is taken', async () => {
    const { status, output } = await runDemo({ PORT: new URL(demo.url).port });
    expect(status).toBe(1);
    expect(output).toMatch(/cannot listen on HOST 127\.0\.0\.1, PORT \d+: .*EADDRINUSE/);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
