import { describe, expect, it } from 'vitest';
import { assertSendable } from './assert-sendable.js';

const { signal } = new AbortController();

describe('assertSendable', () => {
  it('accepts the channels that the provider carries', () => {
    for (const channel of ['sms', 'whatsapp'] as const) {
      expect(() => assertSendable({ channel, signal }, ['sms', 'whatsapp'], 'Acme')).not.toThrow();
    }
  });

  it('refuses another channel, which does not count for the breaker', () => {
    const refuse = () => assertSendable({ channel: 'email', signal }, ['sms', 'whatsapp'], 'Acme');
    expect(refuse).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        message: 'Acme carries sms and whatsapp, not email.',
        countsForBreaker: false,
      }),
    );
  });

  it('refuses when the time limit has passed', () => {
    const late = { channel: 'sms', signal: AbortSignal.abort() } as const;
    expect(() => assertSendable(late, ['sms'], 'Acme')).toThrow(
      expect.objectContaining({ kind: 'unavailable', countsForBreaker: true }),
    );
  });
});
