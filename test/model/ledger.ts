import assert from 'node:assert/strict';
import type { Grant, Verification } from './book.js';
import type { Answer, Handed } from './system.js';

const GAPS_MS = [30_000, 60_000, 120_000, 240_000];

/**
 * Asserts what must hold after any fault and any race, from responses and messages alone, without store, order or model.
 */
export class Ledger {
  readonly #once = new Set<string>();
  readonly #guesses = new Map<string, number>();
  readonly #sends = new Map<string, { readonly code: string; readonly at: number[] }>();

  check({ name, challenge }: Verification, { answer, attemptsLeft }: Answer): void {
    if (answer === '200') {
      this.#first(`success ${name}`, 'a verification succeeds once [R02]');
      if (challenge !== undefined) {
        this.#first(`used ${challenge.name}`, 'the step of a challenge token is done once [R02]');
      }
    }
    if (answer === 'bad_check_code') {
      this.#first(`${attemptsLeft} left ${name}`, 'each wrong code has its own guesses left [R03]');
      this.#guess(name);
      if (challenge !== undefined) this.#guess(challenge.name);
    }
  }

  consume({ name }: Grant, { answer }: Answer): void {
    if (answer === 'taken') this.#first(`taken ${name}`, 'a completed token is taken once');
  }

  /** `counts`: it was accepted, may have been, or its recipient was rejected for good. */
  message({ message, at, isStored }: Handed, counts: boolean): void {
    assert.ok(isStored, 'there is no message without a record [S14]');
    const [id = ''] = message.idempotencyKey.split('.');
    const known = this.#sends.get(id) ?? { code: message.code, at: [] };
    this.#sends.set(id, known);
    assert.equal(message.code, known.code, 'one code for the whole life [R07]');
    if (!counts) return;
    const before = known.at.at(-1);
    const gap = GAPS_MS[known.at.push(at) - 2];
    if (before === undefined) return;
    assert.ok(gap !== undefined, 'five sends at most [R07]');
    assert.ok(at - before >= gap, `${gap} ms between two sends [R07]`);
  }

  #first(what: string, rule: string): void {
    assert.ok(!this.#once.has(what), rule);
    this.#once.add(what);
  }

  #guess(name: string): void {
    const guesses = (this.#guesses.get(name) ?? 0) + 1;
    assert.ok(guesses <= 5, 'five wrong codes at most are evaluated [R03]');
    this.#guesses.set(name, guesses);
  }
}
