import { describe, expect, it } from 'vitest';
import { type FirstAttempt, withSecondAttempt } from './with-second-attempt.js';

const LOST = new Error('connection lost');
const first: FirstAttempt = { isLost: () => true };

/** Each attempt of the list is what happens; records the calls. */
function attempts(...outcomes: (Error | 'hangs' | 'sent')[]) {
  const calls: { signal: AbortSignal; isSecond: boolean }[] = [];
  const attempt = async (signal: AbortSignal, isSecond: boolean) => {
    const outcome = outcomes[calls.length];
    calls.push({ signal, isSecond });
    if (outcome instanceof Error) throw outcome;
    if (outcome === 'hangs') await new Promise(() => {});
  };
  return { calls, attempt };
}

const message = (timeoutMs: number, signal = new AbortController().signal) => ({
  signal,
  timeoutMs,
});

describe('withSecondAttempt', () => {
  it('sends once if the first attempt is accepted', async () => {
    const { calls, attempt } = attempts('sent');
    await withSecondAttempt(message(3_000), attempt, first);
    expect(calls).toMatchObject([{ isSecond: false }]);
  });

  it('sends again, with the rest of the time, if the first attempt gets no answer [S18]', async () => {
    const { calls, attempt } = attempts('hangs', 'sent');
    await withSecondAttempt(message(30), attempt, first);
    expect(calls).toMatchObject([
      { isSecond: false, signal: { aborted: true } },
      { isSecond: true, signal: { aborted: false } },
    ]);
  });

  it('sends again at once if the connection is lost [S18]', async () => {
    const { calls, attempt } = attempts(LOST, 'sent');
    await withSecondAttempt({ signal: new AbortController().signal }, attempt, first);
    expect(calls).toHaveLength(2);
  });

  it('rejects with the error of the second attempt, and makes no third one', async () => {
    const { calls, attempt } = attempts(LOST, new Error('again'), 'sent');
    await expect(withSecondAttempt(message(3_000), attempt, first)).rejects.toThrow('again');
    expect(calls).toHaveLength(2);
  });

  it('does not send again after an error that is not about the connection', async () => {
    const { calls, attempt } = attempts(LOST, 'sent');
    const sent = withSecondAttempt(message(3_000), attempt, { isLost: (error) => error !== LOST });
    await expect(sent).rejects.toBe(LOST);
    expect(calls).toHaveLength(1);
  });

  it('does not send again when the whole time has passed', async () => {
    const controller = new AbortController();
    const { calls, attempt } = attempts(LOST, 'sent');
    const late = async (...args: Parameters<typeof attempt>) => {
      controller.abort();
      await attempt(...args);
    };
    const sent = withSecondAttempt(message(3_000, controller.signal), late, first);
    await expect(sent).rejects.toBe(LOST);
    expect(calls).toHaveLength(1);
  });

  it('leaves all the time to a first attempt whose connection is alive', async () => {
    let isFirst = true;
    const slow = async (signal: AbortSignal) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(signal.aborted).toBe(false);
      expect(isFirst).toBe(true);
      isFirst = false;
    };
    await withSecondAttempt(message(30), slow, { ...first, isAlive: () => true });
    expect(isFirst).toBe(false);
  });
});
