import { startHttpServer } from '@otp/test/servers';

const CODE_OF_VERIFY = '246810';

interface Verification {
  checks: number;
}

export interface StartedTwilio {
  /** For the option `standIns` of a program. */
  readonly standIns: Readonly<Record<string, string>>;
  /** The code that Verify sends. */
  readonly codeOfVerify: string;
  /** What its Messages API has received. */
  readonly messages: { readonly to: string; readonly text: string }[];
  /** The numbers for which Verify was asked to start a verification. */
  readonly verified: string[];
}

/**
 * Twilio's Messages API, and Verify v2 as https://www.twilio.com/docs/verify/api/verification and …/verification-check
 * describe it: a check finds the verification by the number, and a verification that is over is not found.
 */
export async function startTwilio(): Promise<StartedTwilio & { close(): Promise<void> }> {
  const messages: { to: string; text: string }[] = [];
  const verified: string[] = [];
  const pending = new Map<string, Verification>();

  const answer = (path: string, form: URLSearchParams): [status: number, body: object] => {
    const to = form.get('To') ?? '';
    if (path.endsWith('/Messages.json')) {
      messages.push({ to, text: form.get('Body') ?? '' });
      return [201, { sid: `SM${'0'.repeat(32)}`, status: 'queued' }];
    }
    if (path.endsWith('/Verifications')) {
      if (!/^\+\d{7,15}$/.test(to)) return refusal(400, 60200, 'Invalid parameter: To');
      verified.push(to);
      pending.set(to, { checks: 0 });
      return [201, { sid: `VE${'0'.repeat(32)}`, to, channel: 'sms', status: 'pending' }];
    }
    const verification = pending.get(to);
    if (verification === undefined) return refusal(404, 20404, 'was not found');
    verification.checks += 1;
    if (verification.checks > 5) return refusal(429, 60202, 'Max check attempts reached');
    const isRight = form.get('Code') === CODE_OF_VERIFY;
    if (isRight) pending.delete(to);
    return [201, { to, status: isRight ? 'approved' : 'pending', valid: isRight }];
  };

  const { url, close } = await startHttpServer(({ url: path = '' }, body, response) => {
    const [status, json] = answer(path, new URLSearchParams(body));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  const standIns = { 'verify.twilio.com': url, 'api.twilio.com': url };
  return { standIns, codeOfVerify: CODE_OF_VERIFY, messages, verified, close };
}

const refusal = (status: number, code: number, message: string): [number, object] => [
  status,
  { status, code, message, more_info: `https://www.twilio.com/docs/errors/${code}` },
];

/** Credentials that have the form of real ones. */
export const TWILIO_ENV = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'not-a-real-token',
  VERIFY_SID: `VA${'0'.repeat(32)}`,
};
