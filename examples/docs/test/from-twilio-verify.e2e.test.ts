import { afterAll, beforeAll, expect, it } from 'vitest';
import { programsOf, startProgram } from './program.js';
import { startTwilio, TWILIO_ENV } from './twilio.js';

const [program] = programsOf('docs/guides/from-twilio-verify.md');
const CANADA = '+16045550123';
const FRANCE = '+33612345678';

let twilio: Awaited<ReturnType<typeof startTwilio>>;
beforeAll(async () => {
  twilio = await startTwilio();
});
afterAll(() => twilio.close());

async function start() {
  const { standIns } = twilio;
  const { client } = await startProgram(program, { env: TWILIO_ENV, standIns });
  const post = (path: string, body: object) => client.send('POST', `/verification/${path}`, body);
  return { client, post };
}

const lastCode = () => /\d{6}/.exec(twilio.messages.at(-1)?.text ?? '')?.[0] ?? '';

it('verifies a number of a country that has moved with our code', async () => {
  const { post } = await start();
  expect((await post('start', { phone: CANADA })).body).toEqual({ status: 'pending' });
  expect(twilio.messages.at(-1)?.to).toBe(CANADA);
  expect(twilio.verified).not.toContain(CANADA);
  const code = lastCode();
  const wrong = code === '111111' ? '222222' : '111111';
  expect((await post('check', { phone: CANADA, code: wrong })).body).toEqual({ status: 'pending' });
  expect((await post('check', { phone: CANADA, code })).body).toEqual({ status: 'approved' });
});

it('approves our code for the number that got it, and no other', async () => {
  const { post } = await start();
  await post('start', { phone: CANADA });
  const check = { phone: '+16045550199', code: lastCode() };
  expect((await post('check', check)).body).toEqual({ status: 'pending' });
});

it('leaves the other countries to Verify', async () => {
  const { post } = await start();
  const sent = twilio.messages.length;
  expect((await post('start', { phone: FRANCE })).body).toEqual({ status: 'pending' });
  expect(twilio.verified).toContain(FRANCE);
  expect(twilio.messages).toHaveLength(sent);
  const wrong = await post('check', { phone: FRANCE, code: '000000' });
  expect(wrong.body).toEqual({ status: 'pending' });
  const right = await post('check', { phone: FRANCE, code: twilio.codeOfVerify });
  expect(right.body).toEqual({ status: 'approved' });
});

it('lets a user in flight enter the code of Verify after the country has moved', async () => {
  const { post } = await start();
  const url = twilio.standIns['verify.twilio.com'];
  const path = `/v2/Services/${TWILIO_ENV.VERIFY_SID}/Verifications`;
  const body = new URLSearchParams({ To: CANADA, Channel: 'sms' });
  expect((await fetch(`${url}${path}`, { method: 'POST', body })).status).toBe(201);
  const right = await post('check', { phone: CANADA, code: twilio.codeOfVerify });
  expect(right.body).toEqual({ status: 'approved' });
});

it('does not ask Verify for what our limits refuse', async () => {
  const { post } = await start();
  await post('start', { phone: CANADA });
  const verified = twilio.verified.length;
  const again = await post('start', { phone: CANADA });
  expect([again.status, again.body.code]).toEqual([403, 'auth_blocked']);
  expect(again.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(twilio.verified).toHaveLength(verified);
});
