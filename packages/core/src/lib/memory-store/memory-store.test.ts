import { type StoreHarness, storeCases } from '@otp/testing';
import { createOp, newCompletion, newGuess, newLimit, newRecord } from '@otp/testing/internal';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OtpStore } from '../ports.js';
import { createMemoryStore, type MemoryStoreOptions } from './memory-store.js';

const CASES = storeCases.map((each) => [each.name, each] as const);

function createClockedStore(options: Omit<MemoryStoreOptions, 'now'> = {}) {
  let now = Date.UTC(2026, 0, 1);
  return {
    store: createMemoryStore({ ...options, now: () => now }),
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

/** A store whose clock only a case moves. */
function createHarness(): StoreHarness {
  const { store, advance } = createClockedStore();
  return { createStore: async () => store, advance: async (ms) => advance(ms / 1000) };
}

async function fill(store: OtpStore, count: number, ttlSeconds = 600): Promise<string[]> {
  const records = Array.from({ length: count }, () => newRecord({ ttlSeconds }));
  for (const record of records) await store.open(record, [], []);
  return records.map(({ id }) => id);
}

async function countLive(store: OtpStore, ids: readonly string[]): Promise<number> {
  const answers = await Promise.all(ids.map((id) => store.reserveCheck(id, newGuess())));
  return answers.filter(({ ok }) => ok).length;
}

describe('memory store: conformance', () => {
  it.each(CASES)('%s', (_, { run }) => run(createHarness()));

  it('has a different name for every case', () => {
    expect(new Set(storeCases.map(({ name }) => name)).size).toBe(storeCases.length);
  });
});

describe('memory store: conformance by the system clock', () => {
  // Stores on servers run the suite like this: without `advance` it waits for real time, and cases may run at once.
  it('passes every case', { timeout: 20_000 }, async () => {
    const harness = { createStore: async () => createMemoryStore() };
    const outcomes = await Promise.allSettled(storeCases.map(({ run }) => run(harness)));
    const failed = storeCases.filter((_, index) => outcomes[index]?.status === 'rejected');
    expect(failed.map(({ name }) => name)).toEqual([]);
  });
});

describe('memory store: a system clock that is set back', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('prolongs neither a verification nor a limit', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const store = createMemoryStore();
    const limit = newLimit({ max: 1, windowSeconds: 600 });
    const [id = ''] = await fill(store, 1, 600);
    await store.charge([limit], createOp());

    vi.advanceTimersByTime(599_999);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await countLive(store, [id])).toBe(1);
    expect(await store.charge([limit], createOp())).toMatchObject({ ok: false });

    vi.advanceTimersByTime(1);
    expect(await countLive(store, [id])).toBe(0);
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
  });
});

describe('memory store: bounds', () => {
  it('rejects a new verification when it is full', async () => {
    const { store } = createClockedStore({ maxVerifications: 10 });
    await fill(store, 10);
    await expect(store.open(newRecord(), [], [])).rejects.toThrow('full');
  });

  it('charges nothing when it is full', async () => {
    const { store } = createClockedStore({ maxVerifications: 1 });
    await fill(store, 1);
    const limit = newLimit({ max: 1 });
    await expect(store.open(newRecord(), [limit], [])).rejects.toThrow('full');
    expect(await store.charge([limit], createOp())).toEqual({ ok: true });
  });

  it('never drops a live one when it is full, and the live ones work', async () => {
    const { store } = createClockedStore({ maxVerifications: 50 });
    const ids = await fill(store, 50);
    for (let index = 0; index < 500; index += 1) {
      await expect(store.open(newRecord(), [], [])).rejects.toThrow('full');
    }
    expect(await countLive(store, ids)).toBe(50);
    expect(await store.complete(ids[0] ?? '', newCompletion())).toEqual({ ok: true });
  });

  it('returns the same for a repeated open when it is full', async () => {
    const { store } = createClockedStore({ maxVerifications: 1 });
    const record = newRecord();
    await store.open(record, [], []);
    expect(await store.open(record, [], [])).toEqual({ ok: true, tallied: [] });
  });

  it('has room again as soon as all have expired', async () => {
    for (const maxVerifications of [1, 2, 3, 10, 64, 65]) {
      const { store, advance } = createClockedStore({ maxVerifications });
      await fill(store, maxVerifications);
      advance(600);
      await expect(fill(store, maxVerifications), `of ${maxVerifications}`).resolves.toBeDefined();
    }
  });

  it('has room for as many as have expired among live ones, after some rejections', async () => {
    const { store, advance } = createClockedStore({ maxVerifications: 100 });
    const live = await fill(store, 50, 600);
    await fill(store, 50, 60);
    advance(60);
    let admitted = 0;
    for (let index = 0; index < 150; index += 1) {
      const answer = await store.open(newRecord(), [], []).catch(() => undefined);
      if (answer?.ok) admitted += 1;
    }
    expect(admitted).toBe(50);
    expect(await countLive(store, live)).toBe(50);
  });

  it('has room again after a cancel', async () => {
    const { store } = createClockedStore({ maxVerifications: 1 });
    const [id = ''] = await fill(store, 1);
    await store.cancel(id, 1, []);
    await expect(fill(store, 1)).resolves.toHaveLength(1);
  });

  it('rejects new verifications when it has too many counters, until some have expired', async () => {
    const { store, advance } = createClockedStore({ maxLimits: 10 });
    const open = () => store.open(newRecord(), [newLimit({ windowSeconds: 60 })], []);
    for (let index = 0; index < 10; index += 1) await open();
    await expect(open()).rejects.toThrow('full');
    advance(60);
    for (let index = 0; index < 10; index += 1) expect(await open()).toMatchObject({ ok: true });
  });
});

describe('memory store: sweeping', () => {
  it('keeps a bounded number of items while 50,000 verifications come and go [S06]', async () => {
    // Each lives for 100 others: a store that never forgot would be full after 300.
    const { store, advance } = createClockedStore({ maxVerifications: 300, maxLimits: 600 });
    const live = await fill(store, 1, 600);
    for (let index = 0; index < 50_000; index += 1) {
      const limits = [newLimit({ windowSeconds: 60 }), newLimit({ windowSeconds: 60 })];
      await store.open(newRecord({ ttlSeconds: 60 }), limits, []);
      if (index === 500) expect(await countLive(store, live)).toBe(1);
      advance(0.6);
    }
  });
});

describe('memory store: a window that opens anew', () => {
  it('counts its first event even if a limit before it in the list sweeps its counter [R04]', async () => {
    const { store, advance } = createClockedStore();
    const shared = newLimit({ max: 1, windowSeconds: 60 });
    await store.charge([shared], createOp());
    advance(60);
    await store.charge([newLimit({}), shared], createOp());
    expect(await store.charge([shared], createOp())).toMatchObject({ ok: false });
  });
});

describe('memory store: options', () => {
  it.each([
    ['maxVerifications', 0],
    ['maxVerifications', -1],
    ['maxVerifications', 1.5],
    ['maxVerifications', Number.NaN],
    ['maxVerifications', Number.POSITIVE_INFINITY],
    ['maxVerifications', '10'],
    ['maxVerifications', null],
    ['maxLimits', 0],
    ['maxLimits', 2 ** 53],
    ['maxLimits', '10'],
  ])('refuses %s %s with a TypeError that names it', (name, value) => {
    const options = { [name]: value };
    expect(() => createMemoryStore(options)).toThrow(TypeError);
    expect(() => createMemoryStore(options)).toThrow(`${name} must be an integer`);
  });

  it('refuses an unknown option', () => {
    const options = { maxVerification: 1 } as MemoryStoreOptions;
    expect(() => createMemoryStore(options)).toThrow(
      'createMemoryStore() has no option maxVerification; it takes maxVerifications, maxLimits, now.',
    );
  });

  it('refuses a clock that is not a function', () => {
    const options = { now: 0 } as unknown as MemoryStoreOptions;
    expect(() => createMemoryStore(options)).toThrow(TypeError);
  });

  it('uses the system clock by default', async () => {
    const store = createMemoryStore();
    const record = newRecord({ ttlSeconds: 600 });
    await store.open(record, [], []);
    expect(await store.reserveCheck(record.id, newGuess())).toMatchObject({ ok: true });
  });
});

describe('memory store: production', () => {
  async function warningsOf(environment: string | undefined): Promise<string[]> {
    const before = process.env.NODE_ENV;
    const warnings: string[] = [];
    const listen = (warning: Error & { code?: string }) => void warnings.push(warning.code ?? '');
    process.on('warning', listen);
    try {
      if (environment === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = environment;
      createMemoryStore();
      await new Promise(setImmediate);
    } finally {
      process.off('warning', listen);
      process.env.NODE_ENV = before;
    }
    return warnings;
  }

  it('warns in production', async () => {
    expect(await warningsOf('production')).toEqual(['OTP_MEMORY_STORE']);
  });

  it.each(['development', 'test', undefined])('is silent when NODE_ENV is %s', async (value) => {
    expect(await warningsOf(value)).toEqual([]);
  });
});
