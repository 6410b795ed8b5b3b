import { email, phone } from '@otp/example-shared/testing/client';
import { describe, expect, it } from 'vitest';
import { blocksOf, programsOf, startProgram } from './program.js';

const PAGE = 'docs/guides/from-better-auth.md';
const [program = ''] = programsOf(PAGE);
const env = { BETTER_AUTH_SECRET: 'a secret of a test, 32 bytes at least' };
const ADA = 'ada@example.com';
const NUMBER = '+33612345678';

async function start(code = program) {
  const running = await startProgram(code, { env });
  const { client, find } = running;
  const session = async (response: { headers: Headers }) => {
    const cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    return (await client.send('GET', '/api/auth/get-session', undefined, { cookie })).body;
  };
  return {
    ...running,
    session,
    /** Goes through create and check; returns the body of the check. */
    async prove(identifier: ReturnType<typeof email>) {
      expect((await client.create(identifier)).status).toBe(204);
      const to = identifier.identifier.value.replace('+', '\\+');
      const message = await find(new RegExp(`^${to}: [^]*?\\b\\d{6}\\b`, 'm'));
      const { status, body } = await client.check(message.slice(-6));
      expect(status).toBe(200);
      return body;
    },
    /** The code that better-auth sent itself. */
    async codeOf(to: string) {
      const line = await find(new RegExp(`better-auth, ${to.replace('+', '\\+')}: \\d{6}`));
      return line.slice(-6);
    },
    auth: (path: string, body: object) => client.send('POST', `/api/auth${path}`, body),
  };
}

describe('the server of the guide', () => {
  it('signs up and signs in by e-mail, with a session of better-auth', async () => {
    const { client, prove, session, output } = await start();
    const token = await prove(email(ADA));
    const signedIn = await client.send('POST', '/sign-in', token);
    expect(signedIn.status).toBe(200);
    expect((await session(signedIn)).user).toMatchObject({ email: ADA, emailVerified: true });
    expect((await client.send('POST', '/sign-in', token)).body).toEqual({ code: 'token_reused' });
    expect(output()).not.toContain('better-auth,');
  });

  it('signs up and signs in by phone, with a session of better-auth', async () => {
    const { client, prove, session, output } = await start();
    const signedIn = await client.send('POST', '/sign-in', await prove(phone(NUMBER)));
    expect(signedIn.status).toBe(200);
    const { user } = await session(signedIn);
    expect(user).toMatchObject({ phoneNumber: NUMBER, phoneNumberVerified: true });
    expect(output()).not.toContain('better-auth,');
  });

  it('resets a password', async () => {
    const { client, auth, prove } = await start();
    const password = 'a first password';
    await auth('/sign-up/email', { name: 'Ada', email: ADA, password });
    const { challenge_token } = await prove(email(ADA));
    const next = 'a second password';
    const reset = { challenge_token, password: next };
    expect((await client.send('POST', '/reset-password', reset)).body).toEqual({ success: true });
    expect((await auth('/sign-in/email', { email: ADA, password })).status).toBe(401);
    expect((await auth('/sign-in/email', { email: ADA, password: next })).status).toBe(200);
  });

  it('leaves the routes of the plug-ins as they were', async () => {
    const { auth, codeOf, session } = await start();
    await auth('/email-otp/send-verification-otp', { email: ADA, type: 'sign-in' });
    const byEmail = await auth('/sign-in/email-otp', { email: ADA, otp: await codeOf(ADA) });
    expect((await session(byEmail)).user.email).toBe(ADA);
    await auth('/phone-number/send-otp', { phoneNumber: NUMBER });
    const code = await codeOf(NUMBER);
    const byPhone = await auth('/phone-number/verify', { phoneNumber: NUMBER, code });
    expect((await session(byPhone)).user.phoneNumber).toBe(NUMBER);
  });
});

describe('the last step of the guide', () => {
  const [, disabledPaths = '', verifyOTP = ''] = blocksOf(PAGE);
  const insert = (text: string, before: string) => program.replace(before, `${text}${before}`);

  it('turns the routes of the plug-ins off, and goes on signing in', async () => {
    const code = insert(disabledPaths, 'const auth =').replace(
      'emailAndPassword:',
      'disabledPaths,\n  emailAndPassword:',
    );
    const { client, auth, prove, session } = await start(code);
    const body = { email: ADA, type: 'sign-in', phoneNumber: NUMBER };
    for (const [, path = ''] of disabledPaths.matchAll(/'(.+)'/g)) {
      expect((await auth(path, body)).status).toBe(404);
    }
    for (const identifier of [email(ADA), phone(NUMBER)]) {
      const signedIn = await client.send('POST', '/sign-in', await prove(identifier));
      expect((await session(signedIn)).user).toBeTruthy();
    }
  });

  it('verifies a token in verifyOTP', async () => {
    const code = insert(verifyOTP, 'const auth =').replace(
      'phoneNumber({\n',
      'phoneNumber({\n      verifyOTP,\n',
    );
    const { auth, prove, session } = await start(code);
    const { challenge_token } = await prove(phone(NUMBER));
    const other = { phoneNumber: '+33612345679', code: challenge_token };
    expect((await auth('/phone-number/verify', other)).status).toBe(400);
    const again = { phoneNumber: NUMBER, code: challenge_token };
    expect((await auth('/phone-number/verify', again)).status).toBe(400);
    const { challenge_token: fresh } = await prove(phone('+33612345670'));
    const verified = await auth('/phone-number/verify', {
      phoneNumber: '+33612345670',
      code: fresh,
    });
    expect((await session(verified)).user.phoneNumberVerified).toBe(true);
  });
});
