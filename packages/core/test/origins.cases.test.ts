import { type Header, headerValues, post } from '@otp/testing';
import { answerOf, EMAIL, type ScenarioOptions, setUp } from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import type { OtpEvent } from '../src/lib/events/events.js';

const from = (origin: string) => ({ headers: [['origin', origin]] satisfies Header[] });

function world(origins: NonNullable<ScenarioOptions['origins']>) {
  const events: OtpEvent[] = [];
  const t = setUp({ origins, onEvent: (event) => events.push(event) });
  const echoed = async (origin: string) => {
    const response = await t.create('', from(origin));
    return [answerOf(response), ...headerValues(response, 'access-control-allow-origin')];
  };
  return { ...t, events, echoed };
}

describe('L07', () => {
  test.each([
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'app://.',
    'chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh',
  ])('%s is allowed if it is listed, and nothing like it [L07]', async (origin) => {
    const t = world(['https://app.example.com', origin]);
    expect(await t.echoed(origin)).toEqual(['bad_request', origin]);
    for (const other of [`${origin}:80`, `${origin}.evil`, origin.toUpperCase(), `x${origin}`]) {
      expect(await t.echoed(other)).toEqual(['auth_blocked']);
    }
  });

  test('a pattern allows the names that it matches, and echoes the one that asks [L07]', async () => {
    const t = world(['https://*.example.com']);
    expect(await t.echoed('https://a.example.com')).toEqual([
      'bad_request',
      'https://a.example.com',
    ]);
    for (const other of [
      'https://example.com',
      'https://a.b.example.com',
      'https://*.example.com',
    ]) {
      expect(await t.echoed(other)).toEqual(['auth_blocked']);
    }
  });

  test('a pattern for names that anybody can register is a warning [L07]', () => {
    const warning = { type: 'warning', warning: 'origins_public_suffix' };
    expect(world(['https://*.vercel.app']).events).toContainEqual(warning);
    expect(world(['https://*.example.com']).events).not.toContainEqual(warning);
  });
});

describe('a function of the origin', () => {
  test('is called once for each request that has one, and only true allows [B10]', async () => {
    const asked: string[] = [];
    const t = world((origin) => {
      asked.push(origin);
      return origin === 'https://a.example';
    });
    expect(await t.echoed('https://a.example')).toEqual(['bad_request', 'https://a.example']);
    expect(await t.echoed('https://b.example')).toEqual(['auth_blocked']);
    expect(await t.echoed('null')).toEqual(['auth_blocked']);
    expect((await t.create(EMAIL)).status).toBe(204);
    expect(asked).toEqual(['https://a.example', 'https://b.example']);
  });

  test('that returns a promise allows nothing, also when it rejects [B10]', async () => {
    const lies = [async () => true, () => Promise.reject(new Error('no')), () => 'yes'];
    for (const lie of lies) {
      const t = world(lie as unknown as (origin: string) => boolean);
      expect(await t.echoed('https://a.example')).toEqual(['auth_blocked']);
    }
  });

  test('that throws is a fault, on every route [B09]', async () => {
    const t = world(() => {
      throw new Error('the list is not loaded');
    });
    await t.untouched(async () => {
      for (const path of ['/', '/retry', '/check', '/jwks.json', '/nope']) {
        for (const method of ['POST', 'OPTIONS', 'GET']) {
          const response = await t.exchange({
            ...post(path, '', from('https://a.example')),
            method,
          });
          expect(answerOf(response)).toBe('internal');
          expect(headerValues(response, 'vary')).toEqual(['Origin']);
          expect(headerValues(response, 'access-control-allow-origin')).toEqual([]);
        }
      }
    });
    expect(t.events.filter(({ type }) => type === 'fault')).toHaveLength(15);
    expect((await t.create(EMAIL)).status).toBe(204);
  });
});

test('the host adds request headers to those that pages may send, each one once', async () => {
  const t = setUp({
    origins: () => true,
    allowedHeaders: ['X-Api-Version', 'DPoP', 'x-api-version'],
  });
  const preflight = await t.exchange({
    ...post('/', '', from('https://a.example')),
    method: 'OPTIONS',
  });
  const [allowed = ''] = headerValues(preflight, 'access-control-allow-headers');
  expect(allowed).toMatch(/, dpop, .*, sentry-trace, x-api-version$/);
  expect(allowed.match(/dpop/gi)).toHaveLength(1);
});
