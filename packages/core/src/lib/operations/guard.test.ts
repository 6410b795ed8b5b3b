import { createTestService, post } from '@otp/testing';
import { EMAIL, PHONE, toOtpRequest } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { GuardInput } from '../ports.js';

/** What the guard was told of one create; headers apart. */
async function told(body: object, clientAddress?: string) {
  const asked: GuardInput[] = [];
  const { service } = createTestService({
    guard: (input) => {
      asked.push(input);
      return 'allow';
    },
  });
  const headers = [['x-risk', '7']] as const;
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

  it('is told of nothing that there is not', async () => {
    expect(await told(EMAIL)).toStrictEqual({
      flow: 'standalone',
      identifier: EMAIL.identifier,
    });
  });
});
