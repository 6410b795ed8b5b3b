import { cookieOf, type Json } from '@otp/testing';
import { answerOf, setUp, type TestKit } from '@otp/testing/internal';
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
  ])('is invalid, and says that it %s', async (rule, claims) => {
    const { answer, body } = await create(setUp(), claims);
    expect(answer).toBe('invalid_challenge_token');
    expect(JSON.parse(body).message).toBe(`challenge_token: ${rule}`);
  });

  it.each<[string, Json]>([
    ['no steps', { steps: undefined }],
    ['an empty list of steps', { steps: [] }],
    ['a step of the host behind it', { steps: [CURRENT, step('passkey', { order: 2 })] }],
    ['no session', { sid: undefined }],
  ])('is taken with %s', async (_, claims) => {
    const t = setUp({ session: () => 'session-1' });
    expect((await create(t, claims)).answer).toBe('204');
  });

  it('is for the recipient that the host looks up, and only where the step names none', async () => {
    const asked: unknown[] = [];
    const recipientOf = async (query: object) => {
      asked.push(query);
      return MAIL;
    };
    const t = setUp({ recipientOf });
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

  it('is invalid where its step names one of another kind, whoever else the host would name', async () => {
    const t = setUp({ recipientOf: async () => ({ type: 'phone_number', value: '+33612345678' }) });
    const steps = [step('verify_sms', { identifier: MAIL })];
    expect((await create(t, { steps })).answer).toBe('invalid_challenge_token');
    expect(t.sender.attempts).toBe(0);
  });

  it.each(['session', 'recipientOf'])('is internal when %s never answers', async (name) => {
    const t = setUp({ [name]: () => new Promise<never>(() => {}), callbackTimeoutMs: 50 });
    expect((await create(t, {})).answer).toBe('internal');
    expect(t.sender.attempts).toBe(0);
    const faults = t.events.filter(({ type }) => type === 'fault');
    expect(faults).toMatchObject([{ error: { message: expect.stringContaining(name) } }]);
  });
});

describe('a challenge token that leaves little room for its answer', () => {
  const LIFTED = { dangerouslyDisableLimits: true };
  const filled = (steps: readonly Json[], length: number) => ({
    steps,
    metadata: 'm'.repeat(length),
  });

  /** The most metadata with which a challenge is taken. */
  async function findMost(t: TestKit, steps: readonly Json[]): Promise<number> {
    let [most, tooMuch] = [0, 4096];
    while (tooMuch - most > 1) {
      const length = Math.floor((most + tooMuch) / 2);
      if ((await create(t, filled(steps, length))).answer === '204') most = length;
      else tooMuch = length;
    }
    return most;
  }

  async function answerTo(t: TestKit, claims: Json): Promise<string> {
    const challenge_token = t.challenge(claims);
    const cookie = cookieOf(await t.create({ challenge_token }));
    const checked = await t.check(cookie, t.code(), { challenge_token });
    return JSON.parse(checked.body).challenge_token;
  }

  it('is taken as long as the answer for its next step is a token of 4 KiB at most', async () => {
    const t = setUp(LIFTED);
    const steps = [CURRENT, step('passkey', { order: 2 })];
    const most = await findMost(t, steps);
    const answer = await answerTo(t, filled(steps, most));
    // One character more is one or two in base64url.
    expect(answer).toHaveLength(4096);
    const { body } = await create(t, filled(steps, most + 1));
    expect(JSON.parse(body).message).toBe('challenge_token: leaves no room for its answer');
  });

  it('may be of 4 KiB where the answer is a completed token, which is taken too', async () => {
    const t = setUp(LIFTED);
    const most = await findMost(t, [CURRENT]);
    const challenge = t.challenge(filled([CURRENT], most));
    expect([4095, 4096]).toContain(challenge.length);
    const answer = await answerTo(t, filled([CURRENT], most));
    expect(answer.length).toBeGreaterThan(4096);
    const expected = { grantMode: 'step-up', sub: 'user-1', sid: 'session-1', scope: 'transfer' };
    expect(await t.service.consumeChallengeToken(answer, expected)).toMatchObject({ ok: true });
  });
});
