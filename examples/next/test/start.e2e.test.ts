import { testRefusedSettings } from '@otp/example-shared/testing/refused-suite';
import { expect, test } from 'vitest';
import { program } from './demo.js';

testRefusedSettings(program);

test('refuses an OTP_TRUST_PROXY that only Express understands', async () => {
  const { status, output } = await program.runDemo({ OTP_TRUST_PROXY: 'loopback' });
  expect(status).toBe(1);
  expect(output).toContain('OTP_TRUST_PROXY must be a number of hops in the Next example.');
});
