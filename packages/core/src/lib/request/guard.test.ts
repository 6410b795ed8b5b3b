import { createTestService, post } from '@otp/testing';
import { answerOf, EMAIL, PHONE, setUp, toOtpRequest } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { GuardInput } from '../ports.js';

const sender = { send: async () => undefined };

/** What the guard was told of one create; headers apart. */
async function told(body: object, clientAddress?: string, deviceIds: readonly string[] = []) {
  const asked: GuardInput[] = [];
  const { service } = createTestService({
    guard: (input) => {
      asked.push(input);
      return 'allow';
    },
  });
  const ofDevice = deviceIds.map((id) => ['x-device-id', id] as const);
  const headers = [['x-risk', '7'], ...ofDevice] as const;
  const request = toOtpRequest(post('/', body, { headers }));
  const { status } = await service.handle({ ...request, clientAddress });
  expect(status).toBe(204);
  const [{ header, ...rest } = expect.fail('the guard was not asked')] = asked;
  expect(header('x-risk')).toEqual(['7']);
  return rest;
}

describe('the guard', () => {
  it('is told of recipient, country, client and dispatch', async () => {
    expect(await told({ ...PHONE, dispatch_id: 'dispatch-1' }, '203.0.113.9')).toEqual({
      flow: 'standalone',
      identifier: PHONE.identifier,
      country: 'FR',
      clientAddress: '203.0.113.9',
      dispatchId: 'dispatch-1',
    });
  });

  it.each([
    ['5f0c-A9', ['5f0c-A9']],
    ['x'.repeat(128), ['x'.repeat(128)]],
    [undefined, ['']],
    [undefined, ['x'.repeat(129)]],
    [undefined, ['a b']],
    [undefined, ['a\n']],
    [undefined, ['é']],
    [undefined, ['a', 'a']],
  ])('is told of the device id %j if X-Device-Id is %j', async (deviceId, fields) => {
    expect((await told(EMAIL, undefined, fields)).deviceId).toBe(deviceId);
  });

  it('is told of nothing that there is not', async () => {
    expect(await told(EMAIL)).toStrictEqual({
      flow: 'standalone',
      identifier: EMAIL.identifier,
    });
  });

  it('leaves the client as many creates as it has without one [S16]', async () => {
    const t = setUp({ guard: () => 'allow', retryIntervalSeconds: 0 });
    const challenge_token = t.challenge();
    const answers: string[] = [];
    for (let n = 0; n < 6; n += 1) answers.push(answerOf(await t.create({ challenge_token })));
    expect(answers).toEqual([...Array(5).fill('204'), 'auth_blocked']);
  });

  it('is not called, and nothing is charged, for a country that is not served', async () => {
    const t = setUp({ guard: () => 'allow', channels: { sms: { sender, countries: ['US'] } } });
    const before = t.store.calls.length;
    expect(answerOf(await t.create(PHONE))).toBe('auth_blocked');
    expect(t.store.calls.slice(before)).toEqual([]);
  });
});
