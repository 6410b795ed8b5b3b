import type { OtpClient, OtpService } from '@otp/core';
import { createDpopKey, signDpopProof } from '@otp/testing';
import { decodePayload, EMAIL, PHONE, rejectionsDuring, setUp } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';

const CLIENT: OtpClient = { address: '203.0.113.7' };

/** The handle of a new verification. */
async function open(service: OtpService, input: unknown = EMAIL): Promise<string> {
  const created = await service.create(input, CLIENT);
  if (!created.ok) throw new Error(created.code);
  return created.handle;
}

describe('functions of the service', () => {
  test('create returns the handle, its life and the cookie that carries it', async () => {
    const { service, sender } = setUp();
    const created = await service.create(EMAIL, CLIENT);
    expect(created).toEqual({
      ok: true,
      handle: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      ttlSeconds: 600,
      cookie: {
        name: service.cookieName,
        value: created.handle,
        options: { path: '/', httpOnly: true, secure: true, sameSite: 'lax', maxAge: 600 },
      },
    });
    expect(sender.messages).toHaveLength(1);
  });

  test('a handle of create passes by cookie over HTTP, and the reverse', async () => {
    const kit = setUp();
    const cookie = `${kit.service.cookieName}=${await open(kit.service)}`;
    expect((await kit.check(cookie, kit.code())).status).toBe(200);
    kit.clock.advance(30);
    const [, handle] = (await kit.open(PHONE)).split('=');
    const checked = await kit.service.check(handle, { code: kit.code() }, CLIENT);
    expect(checked.ok).toBe(true);
  });

  test('a whole flow, with the token that a host redeems', async () => {
    const { service, clock, code, wrongCode, sender } = setUp();
    const handle = await open(service);
    const wrong = await service.check(handle, { code: wrongCode() }, CLIENT);
    expect(wrong).toEqual({
      ok: false,
      code: 'bad_check_code',
      message: 'code: is not the right one',
      attemptsLeft: 4,
    });
    clock.advance(30);
    expect(await service.retry(handle, CLIENT)).toEqual({ ok: true });
    const { ok, code: refusal, retryAfterSeconds } = await service.retry(handle, CLIENT);
    expect([ok, refusal, retryAfterSeconds]).toEqual([false, 'rate_limited', 60]);
    expect(sender.messages).toHaveLength(2);
    expect(await service.status(handle)).toEqual({
      ok: true,
      status: {
        flow: 'standalone',
        channel: 'email',
        codeLength: 6,
        expiresAt: new Date(clock.now() + 570_000),
        retryAfterSeconds: 60,
        sendsLeft: 3,
        attemptsLeft: 4,
        recipientHint: 'u•••@e•••.com',
      },
    });
    const checked = await service.check(handle, { code: code() }, CLIENT);
    const { name } = (await service.create(PHONE, CLIENT)).cookie ?? {};
    expect(checked).toEqual({
      ok: true,
      challengeToken: expect.any(String),
      cookie: { name, value: '', options: expect.objectContaining({ maxAge: 0 }) },
    });
    expect((await service.consumeSessionStart(checked.challengeToken)).ok).toBe(true);
  });

  test.each([undefined, null, '', 'x', 7, {}, ['x'], 'A'.repeat(43)])(
    'the handle %j is unauthorized, and the reason is told to events only',
    async (handle) => {
      const { service, events } = setUp();
      const calls = [
        () => service.retry(handle, CLIENT),
        () => service.check(handle, { code: '123456' }, CLIENT),
        () => service.status(handle),
      ];
      for (const call of calls) {
        const { cookie, ...refused } = await call();
        const message = 'There is no live verification for this request.';
        expect(refused).toEqual({ ok: false, code: 'unauthorized', message });
        expect(cookie !== undefined).toBe(handle !== undefined && handle !== null);
        expect(events.at(-1)).toMatchObject({ type: 'refused', reason: expect.any(String) });
      }
    },
  );

  test.each([
    undefined,
    null,
    [],
    'x',
    {},
    { identifier: 'user@example.com' },
    JSON.parse('{"__proto__":{},"identifier":{"type":"email_address","value":"a@example.com"}}'),
    Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`m${n}`, n])),
  ])('the input %j is validated like the body of a request', async (input) => {
    const { service, untouched } = setUp();
    await untouched(async () => {
      expect(await service.create(input, CLIENT)).toMatchObject({
        ok: false,
        code: 'bad_request',
        message: expect.stringMatching(/^(?:body|identifier)/),
      });
      expect(await service.check('A'.repeat(43), input, CLIENT)).toMatchObject({
        code: 'bad_request',
      });
    });
  });

  test('an input that throws when it is read is bad_request', async () => {
    const { service, untouched } = setUp();
    const fail = () => {
      throw new Error('must not be read');
    };
    // As React makes of a reference that a client sends to a server action.
    const unreadable = new Proxy({}, { get: fail, has: fail, ownKeys: fail });
    await untouched(async () => {
      for (const input of [unreadable, { identifier: unreadable, code: unreadable }]) {
        expect(await service.create(input, CLIENT)).toMatchObject({ code: 'bad_request' });
        expect(await service.check('A'.repeat(43), input, CLIENT)).toMatchObject({
          code: 'bad_request',
        });
      }
    });
  });

  test('a refusal says nothing of the challenge', async () => {
    const { service, challenge } = setUp();
    const client = { ...CLIENT, session: () => 'session-2' };
    expect(await service.create({ challenge_token: challenge() }, client)).toEqual({
      ok: false,
      code: 'token_mismatch',
      message: expect.any(String),
    });
  });

  test('limits count the address of the client, and those without one together', async () => {
    const one = [{ max: 1, windowSeconds: 600 }];
    const { service } = setUp({ limits: { standalone: { clientAddress: one } } });
    const from = (address: string | null, value: string) =>
      service.create({ identifier: { type: 'email_address', value } }, { address });
    expect((await from('203.0.113.7', 'a@example.com')).ok).toBe(true);
    expect(await from('203.0.113.7', 'b@example.com')).toMatchObject({ code: 'auth_blocked' });
    expect((await from(null, 'c@example.com')).ok).toBe(true);
    const refused = await from(null, 'd@example.com');
    expect(refused).toEqual({
      ok: false,
      code: 'auth_blocked',
      message: 'A limit was reached; try again later.',
      retryAfterSeconds: expect.any(Number),
    });
  });

  test('a guard receives the address of the client, or none', async () => {
    const seen: unknown[] = [];
    const { service } = setUp({
      guard: (request) => {
        seen.push(request.clientAddress);
        return 'allow';
      },
    });
    await service.create(EMAIL, CLIENT);
    await service.create(PHONE, { address: null });
    expect(seen).toEqual([CLIENT.address, undefined]);
  });

  test.each([
    [undefined, 'client'],
    [{}, 'client.address must be the IP address of the client, or null'],
    [{ address: undefined }, 'client.address must be the IP address of the client, or null'],
    [{ address: 7 }, 'client.address must be the IP address of the client, or null'],
    [{ address: null, session: 7 }, 'client.session'],
    [{ address: null, dpop: { proof: 'x' } }, 'client.dpop.url'],
    [{ address: null, ip: '::1' }, 'ip'],
  ])('a client %j is refused by name', async (client, named) => {
    const { service } = setUp();
    // @ts-expect-error: a host without types
    const created = service.create(EMAIL, client);
    await expect(created).rejects.toThrow(TypeError);
    await expect(created).rejects.toThrow(named);
  });

  test.each([
    ['the id', 'session-1', true],
    ['a function that returns it', () => 'session-1', true],
    ['another id', 'session-2', false],
    ['null', null, false],
    ['undefined', undefined, false],
  ])('session as %s', async (_, session, isAccepted) => {
    const { service, challenge } = setUp();
    const created = await service.create(
      { challenge_token: challenge({ sid: 'session-1' }) },
      { ...CLIENT, session },
    );
    expect(created.ok).toBe(isAccepted);
    if (!isAccepted) expect(created).toMatchObject({ code: 'token_mismatch' });
  });

  test('session and DPoP proof of a step-up are those of the client', async () => {
    const key = createDpopKey();
    const { service, challenge, code, clock } = setUp({ publicUrl: 'https://api.example.com/otp' });
    const challenge_token = challenge({ cnf: { jkt: key.jkt } });
    const jti = String(decodePayload(challenge_token).jti);
    const session = () => 'session-1';
    const other = { ...CLIENT, session: () => 'session-2' };
    expect(await service.create({ challenge_token }, other)).toMatchObject({
      code: 'token_mismatch',
    });
    const created = await service.create({ challenge_token }, { ...CLIENT, session });
    // Not the public URL of the routes: the host says where the client sent the proof.
    const url = 'https://shop.example.com/actions';
    const proof = signDpopProof(key, { htu: url, jti, now: clock.now() });
    const input = { code: code(), challenge_token };
    for (const dpop of [undefined, { proof: null, url }, { proof, url: `${url}/x` }]) {
      const client = { ...CLIENT, session, ...(dpop && { dpop }) };
      const refused = await service.check(created.handle, input, client);
      expect(refused).toMatchObject({ code: 'token_mismatch' });
    }
    const client = { ...CLIENT, session, dpop: { proof, url } };
    expect((await service.check(created.handle, input, client)).ok).toBe(true);
  });

  test('header selects the language of messages', async () => {
    const { service, sender } = setUp();
    const header = (name: string) => (name === 'accept-language' ? 'fr' : null);
    await service.create(EMAIL, { ...CLIENT, header });
    expect(sender.messages[0]?.locale).toBe('fr');
  });

  test('a header that is a promise is internal, and leaves no unhandled rejection', async () => {
    const { service, events } = setUp();
    const header = async () => {
      throw new Error('no request');
    };
    const rejections = await rejectionsDuring(async () => {
      // @ts-expect-error: a host without types
      const created = service.create(EMAIL, { ...CLIENT, header });
      expect(await created).toEqual({ ok: false, code: 'internal' });
    });
    expect(rejections).toEqual([]);
    const message = expect.stringContaining('client.header must return');
    expect(events).toMatchObject([{ type: 'fault', error: { message } }]);
  });

  test('a store that fails is internal, and an event', async () => {
    const { service, store, events } = setUp();
    const handle = await open(service);
    store.fail(new Error('down'));
    const calls = [
      service.create(PHONE, CLIENT),
      service.retry(handle, CLIENT),
      service.check(handle, { code: '123456' }, CLIENT),
      service.status(handle),
    ];
    for (const call of calls) expect(await call).toEqual({ ok: false, code: 'internal' });
    expect(events.filter(({ type }) => type === 'fault')).toHaveLength(4);
  });

  test("with transport 'header' there is no cookie", async () => {
    const { service, code } = setUp({ transport: 'header' });
    const created = await service.create(EMAIL, CLIENT);
    expect(created.cookie).toBeUndefined();
    const checked = await service.check(created.handle, { code: code() }, CLIENT);
    expect(checked).toEqual({ ok: true, challengeToken: expect.any(String) });
  });
});
