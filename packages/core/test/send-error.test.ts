import { describe, expect, it } from 'vitest';
import { SendError, type SendFailure } from '../src/lib/ports.js';

describe('SendError', () => {
  it.each<[SendFailure, boolean]>([
    ['rejected', false],
    ['unavailable', true],
    ['unknown', true],
  ])('%s counts for the breaker: %s', (kind, counts) => {
    const cause = new Error('why');
    const error = new SendError(kind, 'not sent', { cause });
    expect([error.name, error.kind, error.message, error.cause]).toEqual([
      'SendError',
      kind,
      'not sent',
      cause,
    ]);
    expect(error.countsForBreaker).toBe(counts);
    expect(new SendError(kind, '', { countsForBreaker: false }).countsForBreaker).toBe(false);
    expect(new SendError(kind, '', { countsForBreaker: true }).countsForBreaker).toBe(counts);
  });

  it.each(['failed', '', undefined])('refuses the kind %j in words', (kind) => {
    expect(() => new SendError(kind as SendFailure, 'x')).toThrow(
      new TypeError('The kind of a SendError must be one of: rejected, unavailable, unknown.'),
    );
  });
});
