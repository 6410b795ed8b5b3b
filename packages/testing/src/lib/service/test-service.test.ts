import { SendError } from '@otp/core';
import { describe, expect, it } from 'vitest';
import { createTestService } from './test-service.js';

const ADA = { type: 'email_address', value: 'ada@example.com' };
const BOB = { type: 'phone_number', value: '+33612345678' };

describe('createTestService', () => {
  it('verifies a recipient and returns the token that a host redeems once', async () => {
    const { service, verify } = createTestService({ appId: 'shop' });
    const token = await verify({ identifier: ADA });
    expect(await service.consumeSessionStart(token)).toMatchObject({
      ok: true,
      identifier: ADA,
    });
    expect(await service.consumeSessionStart(token)).toMatchObject({
      ok: false,
      code: 'token_reused',
    });
  });

  it.each(['header', 'both'] as const)('verifies with the transport %s', async (transport) => {
    const { service, verify } = createTestService({ transport });
    const token = await verify({ identifier: ADA });
    expect(await service.consumeSessionStart(token)).toMatchObject({ ok: true });
  });

  it('completes a step-up of the test issuer', async () => {
    const { service, verify, challenge, issuer } = createTestService({ appId: 'shop' });
    const token = await verify({ challenge_token: challenge({ sub: 'user-7' }) });
    const { issuer: iss } = issuer;
    const expected = { sub: 'user-7', sid: 'session-1', scope: 'transfer', iss };
    expect(await service.consumeStepUp(token, expected)).toMatchObject({ ok: true });
  });

  it('returns the newest code, of anybody or of one recipient', async () => {
    const { sender, verify, code, wrongCode } = createTestService();
    expect(() => code()).toThrow('There is no message yet.');
    await verify({ identifier: ADA });
    await verify({ identifier: BOB });
    const [first, second] = sender.messages.map((message) => message.code);
    expect([code(), code(BOB.value), code(ADA.value)]).toEqual([second, second, first]);
    expect(wrongCode()).toMatch(/^[0-9]{6}$/);
    expect(wrongCode()).not.toBe(second);
  });

  it('rejects with the refusal of the service, and reports it in events', async () => {
    const { sender, verify, events } = createTestService();
    sender.fail(new SendError('unavailable', 'down'));
    await expect(verify({ identifier: ADA })).rejects.toThrow(
      'create was refused: {"ok":false,"code":"internal"',
    );
    expect(events).toContainEqual(expect.objectContaining({ type: 'send_failed' }));
    sender.fail(undefined);
    await verify({ identifier: ADA });
  });

  it('moves time only when the test does', async () => {
    const { clock, verify } = createTestService();
    await verify({ identifier: ADA });
    await expect(verify({ identifier: ADA })).rejects.toThrow('auth_blocked');
    clock.advance(30);
    await verify({ identifier: ADA });
  });
});
