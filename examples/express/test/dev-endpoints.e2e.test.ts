import { Client, email, outcome } from '@otp/example-shared/testing/client';
import { testDevEndpoints } from '@otp/example-shared/testing/dev-suite';
import { expect, test } from 'vitest';
import { program, useDemo } from './demo.js';

testDevEndpoints(program);

const demo = useDemo({ OTP_LIMITS: 'off' });

test('the page of the inbox says that it depends on Accept, and is not kept', async () => {
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  const page = await fetch(`${demo.url}/dev/inbox`, { headers: { accept } });
  expect(page.headers.get('vary')).toBe('Accept');
  expect(page.headers.get('cache-control')).toBe('no-store');
});

test('the newest thousand messages are kept, newest first', async () => {
  const client = new Client(demo);
  for (let index = 0; index < 2_100; index += 1) {
    const answer = await client.create(email(`user-${index}@example.com`));
    expect(outcome(answer)).toBe('204');
  }
  const recipients = (await client.inbox()).map(({ to }) => to);
  const newest = Array.from({ length: 1_000 }, (_, index) => `user-${2_099 - index}@example.com`);
  expect(recipients.slice(0, 1_000)).toEqual(newest);
  expect(recipients.length).toBeLessThan(2_100);
});
