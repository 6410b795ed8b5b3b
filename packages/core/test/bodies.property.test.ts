import assert from 'node:assert/strict';
import { choicesOf, happens, pick } from '@otp/test/generators/choices';
import {
  DECISIONS,
  MEETS_RARE_ANSWERS,
  PARAMETERS,
  Tally,
  TIMEOUT,
} from '@otp/test/generators/property';
import { generateRequest, lieAboutLength } from '@otp/test/generators/request';
import { SITUATION_NAMES, SituatedRequests } from '@otp/test/generators/situations';
import { ANSWERS, type Answer } from '@otp/test/oracles/contract-answer';
import { isLawfulBody } from '@otp/test/oracles/lawful-body';
import { routeOf } from '@otp/test/oracles/route-of';
import type { ExchangeRequest } from '@otp/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test(
  'any request is answered by the contract, and a refusal leaves no trace [B01]',
  async () => {
    const requests = new SituatedRequests();
    const seen = new Tally();
    const property = fc.asyncProperty(DECISIONS, async (bytes) => {
      const choices = choicesOf(bytes);
      await requests.run(pick(choices, SITUATION_NAMES), async (world, known) => {
        const honest = generateRequest(choices, known);
        const request = happens(choices, 4) ? lieAboutLength(choices, honest) : honest;
        const { answer, leftTrace } = await world.exchangeChecked(request);
        assertLawful(request, answer);
        seen.count(`${routeOf(request)} ${answer}`);
        return leftTrace;
      });
    });
    await fc.assert(property, PARAMETERS);
    for (const success of ['/ 204', '/retry 204', '/check 200']) {
      expect(seen.percent(success), success).toBeGreaterThan(MEETS_RARE_ANSWERS ? 4 : 0);
    }
    if (!MEETS_RARE_ANSWERS) return;
    for (const [path, answers] of Object.entries(ANSWERS)) {
      for (const answer of answers) expect(seen.met).toContain(`${path} ${answer}`);
    }
  },
  TIMEOUT,
);

/** Answers that are only given once type and body have been found good. */
const READ: readonly Answer[] = [
  'invalid_challenge_token',
  'expired_challenge_token',
  'token_mismatch',
  'bad_check_code',
  'unauthorized',
  'token_reused',
  'rate_limited',
];

function assertLawful(request: ExchangeRequest, answer: Answer): void {
  const { method, headers, body } = request;
  const path = routeOf(request);
  if (method !== 'POST') return;
  const isRead = READ.includes(answer) || answer.startsWith('20');
  if (!isRead) return;
  const types = headers.filter(([name]) => name === 'content-type').map(([, type]) => type);
  const isAbsent = path === '/retry' && (body ?? '').length === 0;
  // Without a body a retry needs no type.
  if (!isAbsent || types.length > 0) {
    assert.equal(types.length, 1);
    assert.match(types[0] ?? '', /^application\/json[ \t]*(?:;|$)/i);
  }
  assert.ok(isAbsent || isLawfulBody(body), `${answer} to ${String(body)}`);
}
