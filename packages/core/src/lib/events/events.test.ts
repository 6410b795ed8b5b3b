import { describe, expect, it } from 'vitest';
import { createEmitter, type OtpEvent, verificationRef } from './events.js';

const TOKEN = Buffer.alloc(32, 0xa7).toString('base64url');

describe('createEmitter', () => {
  const event: OtpEvent = { type: 'limits_reset' };

  it('hands the event to the listener', () => {
    const events: OtpEvent[] = [];
    createEmitter((each) => events.push(each))(event);
    expect(events).toEqual([event]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('listener'))],
    ['never settles', () => new Promise(() => {})],
  ])('does not mind a listener that %s', async (_, listener) => {
    const rejections: unknown[] = [];
    const listen = (reason: unknown) => void rejections.push(reason);
    process.on('unhandledRejection', listen);
    try {
      expect(() => createEmitter(listener)(event)).not.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });

  it('does nothing without a listener', () => {
    expect(() => createEmitter(undefined)(event)).not.toThrow();
  });
});

describe('verificationRef', () => {
  it('is short, the same for one verification and another for another', () => {
    expect(verificationRef(TOKEN)).toBe(TOKEN.slice(0, 12));
    expect(verificationRef('x'.repeat(43))).not.toBe(verificationRef('y'.repeat(43)));
  });
});
