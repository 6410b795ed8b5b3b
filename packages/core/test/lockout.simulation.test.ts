import { byDepth } from '@otp/test/depth';
import { cookieOf, createTestClock, headerValues } from '@otp/testing';
import { answerOf, createFrom, PHONE, setUp, type TestKit } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../src/lib/memory-store/memory-store.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const OWNER = '198.51.100.7';
/** When the owner asks for a code, in hours of the day. */
const ASKS = [8, 13, 20];
/** Hours by which the attack begins later than a day before the day that counts. */
const STARTS = byDepth({ quick: [0], full: [0, 1, 3, 7, 12, 23] });

/** Every network asks, and guesses wrong whenever it gets a verification. */
async function attack(t: TestKit, networks: number): Promise<void> {
  for (let network = 0; network < networks; network += 1) {
    const created = await createFrom(t, `203.0.${network}.66`, PHONE);
    if (created.status !== 204) continue;
    for (let guess = 0; guess < 5; guess += 1) await t.check(cookieOf(created), t.wrongCode());
  }
}

/** Asks as the owner does: follows `Retry-After` for an hour, and enters the code. */
class Owner {
  readonly #t: TestKit;
  #dueAt: number;
  readonly #endsAt: number;
  hasCode = false;

  constructor(t: TestKit, now: number) {
    this.#t = t;
    this.#dueAt = now;
    this.#endsAt = now + HOUR;
  }

  async ask(now: number): Promise<void> {
    if (this.hasCode || now < this.#dueAt || now >= this.#endsAt) return;
    const created = await createFrom(this.#t, OWNER, PHONE);
    if (created.status === 204) {
      const checked = await this.#t.check(cookieOf(created), this.#t.code());
      this.hasCode = answerOf(checked) === '200';
    }
    this.#dueAt = now + Number(headerValues(created, 'retry-after')[0] ?? MINUTE);
  }
}

/** The codes that the owner did not get, of three a day, while an attack by so many networks goes on. */
async function missedOf(networks: number, startHour: number): Promise<number> {
  const testClock = createTestClock();
  const t = setUp({ testClock, store: createMemoryStore({ now: testClock.now }) });
  const owners: Owner[] = [];
  // The attack has a day to use up what it can before the day that counts. Each network asks as often as it is useful.
  for (let minute = -24 * 60 + startHour * 60; minute < 24 * 60; minute += 1) {
    const now = minute * MINUTE;
    if (minute % Math.min(networks, 10) === 0) await attack(t, networks);
    if (ASKS.some((hour) => hour * 60 === minute)) owners.push(new Owner(t, now));
    for (const owner of owners) await owner.ask(now);
    testClock.advance(MINUTE);
  }
  return owners.filter(({ hasCode }) => !hasCode).length;
}

/** As docs/concepts/policy.md says. */
const MISSED_OF_THREE: Readonly<Record<number, readonly [least: number, most: number]>> = {
  1: [0, 0],
  3: [2, 3],
  30: [3, 3],
};

describe('a day of attacks on one owner', () => {
  test.each([1, 3, 30])(
    '%d networks keep from the owner as many codes as the docs say [R13]',
    async (networks) => {
      const missed = await Promise.all(STARTS.map((start) => missedOf(networks, start)));
      const [least, most] = MISSED_OF_THREE[networks] ?? [0, 0];
      for (const each of missed) {
        expect(each).toBeGreaterThanOrEqual(least);
        expect(each).toBeLessThanOrEqual(most);
      }
    },
    120_000,
  );
});
