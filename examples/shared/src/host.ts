import type { Failure, Identifier } from '@otp/core';
import { type OtpResponse, toErrorResponse } from '@otp/core/adapter';
import type { Demo } from './demo.js';
import type { Settings } from './settings.js';

/** Who is signed in at the demo; a real host takes this from its own session. */
const DEMO_USER = {
  sub: 'user-ada',
  name: 'Ada Demo',
  email: 'ada@example.com',
  phone: '+12025550123',
} as const;
const DEMO_SESSION = 'session-of-ada';

const STEPS: ReadonlyMap<unknown, Identifier> = new Map([
  ['verify_sms', { type: 'phone_number', value: DEMO_USER.phone }],
  ['verify_email', { type: 'email_address', value: DEMO_USER.email }],
]);

/** The session that asks: the demo user's own, unless the setting's header names another. */
export function sessionOf(
  header: (name: string) => string | null | undefined,
  { sessionHeader }: Settings,
): string {
  return (sessionHeader === undefined ? undefined : header(sessionHeader)) || DEMO_SESSION;
}

export interface DemoConfig {
  readonly appId: string;
  readonly retryIntervalSeconds: number;
  /** With `header` the pages keep the handle themselves. */
  readonly transport: Settings['transport'];
  /** Where numbers may be. */
  readonly countries: Settings['countries'];
  /** Whether the inbox gets every message, and its two providers can be tried. */
  readonly hasInbox: boolean;
  readonly user: typeof DEMO_USER;
}

/** What the pages need. */
export function demoConfig({ settings }: Demo): DemoConfig {
  const { appId, retryIntervalSeconds, transport, countries, senders } = settings;
  const hasInbox = Object.keys(senders).length === 0;
  return { appId, retryIntervalSeconds, transport, countries, hasInbox, user: DEMO_USER };
}

/** `GET /demo/config` */
export function readConfig(demo: Demo): OtpResponse {
  return answer(demoConfig(demo));
}

/** `POST /demo/session`: a host that signs people in by a code would open their session here. */
export async function startSession({ service }: Demo, body: unknown): Promise<OtpResponse> {
  const token = readMember(body, 'challenge_token');
  // Undefined for a client without PKCE.
  const codeVerifier = readMember(body, 'code_verifier');
  const taken = await service.consumeSessionStart(token, { codeVerifier });
  if (!taken.ok) return toErrorResponse(taken);
  const { amr, auth_time } = taken.claims;
  return answer({ identifier: taken.identifier, amr, auth_time });
}

/** `POST /demo/transfer`: and this would move the money. */
export async function makeTransfer(
  { service }: Demo,
  body: unknown,
  sid: string,
): Promise<OtpResponse> {
  const taken = await service.consumeStepUp(readMember(body, 'challenge_token'), {
    sub: DEMO_USER.sub,
    sid,
    scope: 'transfer:create',
  });
  if (!taken.ok) return toErrorResponse(taken);
  const { sub, scope_requested: scope, amr, auth_time } = taken.claims;
  return answer({ sub, scope, amr, auth_time });
}

/** `POST /dev/challenge`: the step-up endpoint of a host, without the sign-in that it would ask for. */
export async function issueChallenge(
  { service }: Demo,
  body: unknown,
  sid: string,
): Promise<OtpResponse> {
  const scope = readMember(body, 'scope') ?? 'transfer:create';
  const step = readMember(body, 'step') ?? 'verify_sms';
  const keys = readMember(body, 'steps') ?? [step];
  if (typeof scope !== 'string') return answerFailure('bad_request', 'scope: must be a string');
  if (!STEPS.has(step)) {
    return answerFailure('bad_request', 'step: must be verify_sms or verify_email');
  }
  if (!isStringArray(keys))
    return answerFailure('bad_request', 'steps: must be an array of strings');
  const { sub } = DEMO_USER;
  const steps = keys.map((key) => toStep(key, STEPS.get(key)));
  try {
    return answer({
      challenge_token: await service.issueChallengeToken({ sub, sid, scope, steps }),
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // It names the field: a scope that is empty or too long, a session's id that is too long, a step that is there twice.
    return answerFailure('bad_request', error.message);
  }
}

/** A step that no code can do is the host's own. */
function toStep(key: string, identifier: Identifier | undefined) {
  return identifier === undefined ? { key } : { key, identifier };
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** For what a demo's own endpoints refuse or fail to do. */
export function answerFailure(code: 'bad_request' | 'internal', message?: string): OtpResponse {
  const failure: Failure = { ok: false, code, ...(message === undefined ? {} : { message }) };
  return toErrorResponse(failure);
}

function answer(value: object): OtpResponse {
  return {
    status: 200,
    headers: [
      ['cache-control', 'no-store'],
      ['content-type', 'application/json; charset=utf-8'],
    ],
    body: JSON.stringify(value),
  };
}

function readMember(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  return (body as Record<string, unknown>)[name];
}
