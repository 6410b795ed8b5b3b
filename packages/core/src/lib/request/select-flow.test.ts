import { describe, expect, it } from 'vitest';
import type { CreateRequest } from './create-request.js';
import { selectFlow } from './select-flow.js';

const ADDRESS = { type: 'email_address', value: 'User@Example.com' } as const;
const NORMALIZED = { type: 'email_address', value: 'user@example.com' };

const select = (request: CreateRequest) =>
  selectFlow(request, { fixedCodes: new Map(), pkce: 'optional' }, 0);

describe('selectFlow', () => {
  it('is standalone for an identifier alone', () => {
    const selected = { ok: true, flow: 'standalone', identifier: NORMALIZED };
    expect(select({ identifier: ADDRESS })).toEqual(selected);
  });

  it('is a step-up for a challenge token, with or without an identifier beside it', () => {
    const selected = { ok: true, flow: 'step-up', challengeToken: 'token' };
    expect(select({ challengeToken: 'token' })).toEqual({ ...selected, identifier: undefined });
    const both = select({ challengeToken: 'token', identifier: ADDRESS });
    expect(both).toEqual({ ...selected, identifier: NORMALIZED });
  });

  it('is a bad request for neither, and for an identifier that is none beside a token', () => {
    expect(select({})).toMatchObject({ ok: false, code: 'bad_request' });
    const identifier = { type: 'email_address', value: 'no address' } as const;
    const answer = select({ challengeToken: 'token', identifier });
    expect(answer).toMatchObject({ ok: false, code: 'bad_request' });
  });
});
