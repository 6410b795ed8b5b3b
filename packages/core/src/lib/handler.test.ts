import { expect, test, vi } from 'vitest';
import { toOtpRequest } from './testing/direct.js';
import { post } from './testing/exchange.js';
import { EMAIL } from './testing/scenario.js';
import { createTestService } from './testing/test-service.js';

test('a service is answered for by a copy of this package that has not made it', async () => {
  const { service, sender } = createTestService();
  vi.resetModules();
  const copy = await import('./handle.js');
  const { status } = await copy.handle(service, toOtpRequest(post('/', EMAIL)));
  expect(status).toBe(204);
  expect(sender.messages).toHaveLength(1);
});

test('what is no service is refused in words', async () => {
  const { handle } = await import('./handle.js');
  const { service } = createTestService();
  await expect(handle({ ...service }, toOtpRequest(post('/', EMAIL)))).rejects.toThrow(
    'service must come from createOtpService of @otp/core.',
  );
});
