import assert from 'node:assert/strict';
import { choicesOf } from '@otp/test/generators/choices';
import {
  DECISIONS,
  MEETS_RARE_ANSWERS,
  PARAMETERS,
  Tally,
  TIMEOUT,
} from '@otp/test/generators/property';
import { SituatedRequests } from '@otp/test/generators/situations';
import { type GeneratedToken, generateToken, type TokenSource } from '@otp/test/generators/token';
import type { PropertyWorld } from '@otp/test/generators/world';
import { type ExchangeRequest, post } from '@otp/testing';
import { createTestIssuer, decodePayload } from '@otp/testing/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../src/lib/http/body.js';

/** Names itself as the trusted one does, key id and all. */
const { privateKey: otherKey } = createTestIssuer('https://issuer.example');

test(
  'no token but what the trusted key has signed passes, at create and check [J01, J02, J04, J05, J06, J07]',
  async () => {
    const requests = new SituatedRequests();
    const seen = new Tally();
    const property = fc.asyncProperty(DECISIONS, async (bytes) => {
      const choices = choicesOf(bytes);
      const isCheck = choices.below(2) === 1;
      await requests.run(isCheck ? 'stepUp' : 'nothing', async (world, { cookie, code }) => {
        const generated = generateToken(choices, sourceOf(world));
        const { token: challenge_token, verdict } = generated;
        const request = isCheck
          ? post('/check', { code, challenge_token }, { cookie })
          : post('/', { challenge_token });
        const { answer, leftTrace } = await world.exchangeChecked(request);
        if (verdict !== 'open') {
          const expected = expectedAnswer(request, generated, world);
          assert.equal(answer, expected, `${verdict}: ${challenge_token}`);
        }
        seen.count(`${request.path} ${answer}`);
        return leftTrace;
      });
    });
    await fc.assert(property, PARAMETERS);
    if (!MEETS_RARE_ANSWERS) return;
    for (const [route, success] of [
      ['/', '204'],
      ['/check', '200'],
    ] as const) {
      expect(seen.percent(`${route} ${success}`)).toBeGreaterThan(4);
      expect(seen.percent(`${route} invalid_challenge_token`)).toBeGreaterThan(20);
      expect(seen.met).toContain(`${route} expired_challenge_token`);
      expect(seen.met).toContain(`${route} token_mismatch`);
    }
  },
  TIMEOUT,
);

/** Its own claims are those of the token that a live verification was opened with. */
function sourceOf({ issuer, clock, token, otherToken }: PropertyWorld): TokenSource {
  const claims = decodePayload(token);
  return { issuer, otherKey, claims, token, otherToken, now: clock.now() / 1000 };
}

function expectedAnswer(
  { path, body }: ExchangeRequest,
  { token, verdict }: GeneratedToken,
  { otherToken }: PropertyWorld,
): string {
  const isText = token !== '' && !token.includes('\0') && token.isWellFormed();
  if (!isText || Buffer.byteLength(body ?? '') > MAX_BODY_BYTES) return 'bad_request';
  const isGood = verdict === 'good' || verdict === 'unproven';
  if (!isGood) return verdict;
  if (path === '/') return '204';
  return verdict === 'unproven' || token === otherToken ? 'token_mismatch' : '200';
}
