import type { Json } from '@otp/testing';
import { answerOf, challengeClaims, setUp, signCompact, type TestKit } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';

const PHONE = { type: 'phone_number', value: '+33612345678' };
const MAIL = { type: 'email_address', value: 'user@example.com' } as const;
const step = (key: string, changes: Json = {}) => ({
  order: 1,
  key,
  expiration_duration: 600,
  done: false,
  ...changes,
});
const CURRENT = step('verify_sms');

async function create(t: TestKit, claims: Json) {
  const response = await t.create({ challenge_token: t.challenge(claims) });
  return { answer: answerOf(response), body: response.body };
}

describe('a challenge token at create', () => {
  it.each<[string, Json]>([
    ['names no user', { sub: undefined }],
    ['is not at a step that a code can do', { current_step: 'passkey', steps: [step('passkey')] }],
    ['is not at a step that a code can do', { current_step: 'completed', steps: undefined }],
    ['names a step twice, or one that is none', { steps: [CURRENT, CURRENT] }],
    ['names a step twice, or one that is none', { steps: [CURRENT, step('completed')] }],
    ['has no such step left to do', { steps: [step('verify_sms', { done: true })] }],
    ['has no such step left to do', { steps: [step('verify_email')] }],
    ['names no recipient that suits its step', { identifier: undefined }],
    ['names no recipient that suits its step', { identifier: MAIL }],
    [
      'names no recipient that suits its step',
      { steps: [step('verify_sms', { identifier: MAIL })] },
    ],
  ])('is invalid, with a message: it %s', async (rule, claims) => {
    const { answer, body } = await create(setUp(), claims);
    expect(answer).toBe('invalid_challenge_token');
    expect(JSON.parse(body).message).toBe(`challenge_token: ${rule}`);
  });

  it.each<[string, Json]>([
    ['no steps', { steps: undefined }],
    ['an empty array of steps', { steps: [] }],
    ['a step of the host after its own', { steps: [CURRENT, step('passkey', { order: 2 })] }],
    ['no session', { sid: undefined }],
  ])('is accepted with %s', async (_, claims) => {
    const t = setUp({ session: () => 'session-1' });
    expect((await create(t, claims)).answer).toBe('204');
  });

  it('is for the recipient that findRecipient returns when its step names none', async () => {
    const asked: unknown[] = [];
    const findRecipient = async (query: object) => {
      asked.push(query);
      return MAIL;
    };
    const t = setUp({ findRecipient });
    const email = { current_step: 'verify_email', identifier: PHONE };
    expect((await create(t, { ...email, steps: [step('verify_email')] })).answer).toBe('204');
    expect(t.sender.messages.at(-1)?.to).toBe(MAIL.value);
    expect(asked).toEqual([{ iss: t.issuer.issuer, sub: 'user-1', type: 'email_address' }]);

    const named = { type: 'email_address', value: 'named@example.com' };
    const steps = [step('verify_email', { identifier: named })];
    expect((await create(t, { ...email, steps })).answer).toBe('204');
    expect(t.sender.messages.at(-1)?.to).toBe(named.value);
    expect(asked).toHaveLength(1);
  });

  it('is invalid when its step names a recipient of another type, whatever findRecipient returns', async () => {
    const t = setUp({
      findRecipient: async () => ({ type: 'phone_number', value: '+33612345678' }),
    });
    const steps = [step('verify_sms', { identifier: MAIL })];
    expect((await create(t, { steps })).answer).toBe('invalid_challenge_token');
    expect(t.sender.attempts).toBe(0);
  });

  it.each(['session', 'findRecipient'])('is internal when %s never returns', async (name) => {
    const t = setUp({ [name]: () => new Promise<never>(() => {}), callbackTimeoutMs: 50 });
    expect((await create(t, {})).answer).toBe('internal');
    expect(t.sender.attempts).toBe(0);
    const faults = t.events.filter(({ type }) => type === 'fault');
    expect(faults).toMatchObject([{ error: { message: expect.stringContaining(name) } }]);
  });
});

it('refuses a challenge whose numbers are so much longer in our encoding that its answer would exceed 8 KiB', async () => {
  const t = setUp();
  const withNumbers = (count: number) => {
    const claims = { ...challengeClaims(t.issuer.issuer, t.clock.now()), metadata: 'NUMBERS' };
    const payload = JSON.stringify(claims).replace('"NUMBERS"', `[${Array(count).fill('1e20')}]`);
    return signCompact({ alg: 'EdDSA', kid: t.issuer.kid }, payload, t.issuer.privateKey);
  };
  expect((await t.create({ challenge_token: withNumbers(100) })).status).toBe(204);
  expect(withNumbers(400).length).toBeLessThan(4096);
  const { body } = await t.create({ challenge_token: withNumbers(400) });
  expect(JSON.parse(body).message).toBe('challenge_token: leaves no room for its answer');
});
