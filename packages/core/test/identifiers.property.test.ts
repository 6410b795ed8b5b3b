import assert from 'node:assert/strict';
import { type Choices, choicesOf, happens } from '@otp/test/generators/choices';
import { generateIdentifier } from '@otp/test/generators/identifier';
import {
  DECISIONS,
  MEETS_RARE_ANSWERS,
  PARAMETERS,
  Tally,
  TIMEOUT,
} from '@otp/test/generators/property';
import { createPropertyWorld, type PropertyWorld } from '@otp/test/generators/world';
import { cookieOf, headerValues, post } from '@otp/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeIdentifier } from '../src/lib/identifier/identifier.js';
import type { Identifier } from '../src/lib/ports.js';

/** A world keeps a list of all calls. */
const INPUTS_A_WORLD = 2_000;

test(
  'one canonical string is validated, counted and sent to [I01, I02, I03, I04, I06, I09, I10]',
  async () => {
    const seen = new Tally();
    let world = createPropertyWorld();
    const property = fc.asyncProperty(DECISIONS, async (bytes) => {
      const choices = choicesOf(bytes);
      const identifier = generateIdentifier(choices);
      if (world.store.calls.length > INPUTS_A_WORLD) world = createPropertyWorld();
      await world.reset();
      const answer = await createFor(world, choices, identifier);
      seen.count(`${identifier.type} ${answer}`);
    });
    await fc.assert(property, PARAMETERS);
    for (const type of ['email_address', 'phone_number']) {
      for (const answer of [`${type} 204`, `${type} bad_request`]) {
        expect(seen.percent(answer), answer).toBeGreaterThan(MEETS_RARE_ANSWERS ? 10 : 0);
      }
    }
  },
  TIMEOUT,
);

async function createFor(
  world: PropertyWorld,
  choices: Choices,
  identifier: Identifier,
): Promise<string> {
  const { answer, response } = await world.exchangeChecked(post('/', { identifier }));
  const normalized = normalizeIdentifier(identifier);
  assert.equal(normalized.ok, answer === '204', JSON.stringify(identifier));
  if (!normalized.ok) return answer;
  const { type, value } = normalized.identifier;
  assertCanonical(identifier, value);
  assert.deepEqual(normalizeIdentifier({ type, value }), normalized);
  const sent = world.sender.messages.at(-1);
  assert.equal(sent?.to, value);
  // These checks take longer than all others.
  if (!happens(choices, 25)) return answer;
  await assertLimited(world, { type, value });
  await assertSentAgain(world, cookieOf(response), value);
  return answer;
}

/** Independent of the library: the result is ASCII, and differs only by case, by spaces around an address or by what precedes a national number. */
function assertCanonical({ type, value: written }: Identifier, value: string): void {
  if (type === 'email_address') {
    assert.match(value, /^(?=[!-~]+$)(?!-)[^@A-Z,;:<>()[\]\\"%!|/`]{1,64}@[a-z0-9.-]{3,253}$/);
    assert.doesNotMatch(value, /=\?/);
    assert.equal(
      value,
      written.replace(/^[ \t]+|[ \t]+$/g, '').replace(/[A-Z]/g, (char) => char.toLowerCase()),
    );
  } else {
    assert.match(value, /^\+[1-9][0-9]{6,14}$/);
    assert.ok(value === written || isTakenFrom(written, value), `${written} gives ${value}`);
  }
}

/**
 * Trunk prefixes (0; 1 in North America, 8 in Russia) and carrier codes are removed. Nothing is added but the 9 of
 * Argentina's mobile numbers, which replaces their 15. All digits of the subscriber stay.
 */
function isTakenFrom(written: string, value: string): boolean {
  let at = 0;
  const isPartOf = [...value.replace(/^\+549/, '+54')].every((char) => {
    at = written.indexOf(char, at) + 1;
    return at > 0;
  });
  return isPartOf && value.length <= written.length && written.endsWith(value.slice(-6));
}

/** The canonical form was counted, so the next create for it has to wait. */
async function assertLimited(world: PropertyWorld, identifier: Identifier): Promise<void> {
  const again = await world.exchangeChecked(post('/', { identifier }));
  assert.equal(again.answer, 'auth_blocked');
  assert.deepEqual(headerValues(again.response, 'retry-after'), ['30']);
}

/** A retry sends to the same recipient. */
async function assertSentAgain(world: PropertyWorld, cookie: string, to: string): Promise<void> {
  world.clock.advance(30);
  const { answer } = await world.exchangeChecked(post('/retry', {}, { cookie }));
  assert.equal(answer, '204');
  const [first, second] = world.sender.messages.slice(-2);
  assert.deepEqual([first?.to, second?.to], [to, to]);
}
