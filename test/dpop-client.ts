import {
  cookieOf,
  createTestClock,
  createTestService,
  type Exchange,
  type Header,
  post,
  type TestService,
  type TestServiceOptions,
} from '@otp/testing';
import { decodePayload } from '@otp/testing/internal';
import { calculateThumbprint, generateKeyPair, generateProof } from 'dpop';

/** Creates a test service by the time of this machine, by which npm `dpop` dates its proofs. */
export function createDpopService(options: TestServiceOptions = {}): TestService {
  return createTestService({ testClock: createTestClock(Date.now()), ...options });
}

export interface DpopCheck {
  /** The URL that the client writes into its proof. */
  readonly htu: string;
  /** What proxies add to each request. @default none */
  readonly headers?: readonly Header[];
}

let users = 0;

/**
 * Goes through a step-up whose challenge is bound to the key of npm `dpop`, a client that is not ours, for a new user.
 *
 * @param t from `createDpopService`
 * @param exchange sends a request to the mounted service
 * @returns the status of the check of a correct code: 200, or 400 if the proof is refused
 */
export async function checkWithDpop(
  t: TestService,
  exchange: Exchange,
  { htu, headers = [] }: DpopCheck,
): Promise<number> {
  users += 1;
  const keys = await generateKeyPair('ES256');
  // The client chooses the `jti` of a proof by itself, so the proof comes before the challenge that has the same one.
  const proof = await generateProof(keys, htu, 'POST');
  const challenge_token = t.challenge({
    sub: `dpop-${users}`,
    jti: decodePayload(proof).jti,
    cnf: { jkt: await calculateThumbprint(keys.publicKey) },
    identifier: { type: 'phone_number', value: `+336${String(users).padStart(8, '0')}` },
  });
  const created = await exchange(post('/', { challenge_token }, { headers }));
  const check = { code: t.code(), challenge_token };
  const options = { cookie: cookieOf(created), headers: [...headers, ['dpop', proof] as const] };
  return (await exchange(post('/check', check, options))).status;
}
