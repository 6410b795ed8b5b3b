import { cookieOf, type Exchange, post, type TestService } from '@otp/testing';
import { expect } from 'vitest';

const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };

/**
 * A whole verification: create, retry without and with a body, check.
 *
 * @param t the service that is mounted, still unused
 * @param exchange sends a request to it
 */
export async function expectWholeFlow(t: TestService, exchange: Exchange): Promise<void> {
  const created = await exchange(post('/', EMAIL));
  expect(created.status).toBe(204);
  const cookie = cookieOf(created);
  for (const [seconds, body] of [
    [30, undefined],
    [60, '{}'],
  ] as const) {
    t.clock.advance(seconds);
    expect((await exchange(post('/retry', body, { cookie }))).status).toBe(204);
  }
  expect(t.sender.messages).toHaveLength(3);
  const checked = await exchange(post('/check', { code: t.code() }, { cookie }));
  expect(checked.status).toBe(200);
  expect(Object.keys(JSON.parse(checked.body))).toEqual(['challenge_token']);
}
