import { type FixedCodes, isReservedNumber } from '../channels/fixed-codes.js';
import type { DeliveryPlan } from '../delivery/delivery-plan.js';
import { blockedByPolicy, type Failure } from '../errors.js';
import { isServed } from '../identifier/countries.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Flow } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';
import type { RequestContext } from './context.js';

export interface GuardedRequest {
  readonly flow: Flow;
  readonly identifier: NormalizedIdentifier;
  readonly plan: DeliveryPlan;
  readonly dispatchId: string | undefined;
}

/** `decoy`: blocked, and the host has chosen `onBlock: 'silent'`. */
export type Verdict = { readonly ok: true; readonly decoy: boolean } | Failure<'auth_blocked'>;

/** Checks that the channel serves the country of the recipient, then calls the guard of the host. */
export async function checkGuard(context: RequestContext, input: GuardedRequest): Promise<Verdict> {
  const { identifier, plan } = input;
  if (!isCountryServed(context.config, identifier, plan)) return blockedByPolicy('country');
  return askGuard(context, input);
}

/** Whether the channel serves the country of a recipient. An address has none. */
export function isCountryServed(
  { fixedCodes }: { readonly fixedCodes: FixedCodes },
  identifier: NormalizedIdentifier,
  { countries }: DeliveryPlan,
): boolean {
  return isServed(countries, identifier.country) || isReservedNumber(fixedCodes, identifier);
}

/** Calls the guard of the host, if there is one. */
export async function askGuard(
  { config, request }: RequestContext,
  { flow, identifier, dispatchId }: Omit<GuardedRequest, 'plan'>,
): Promise<Verdict> {
  const { guard } = config;
  if (guard === undefined) return ALLOWED;
  const { type, value, country } = identifier;
  const deviceId = readDeviceId(request.header('x-device-id'));
  const verdict = await withTimeLimit('the guard', config.callbackTimeoutMs, () =>
    guard({
      flow,
      identifier: { type, value },
      ...(country === undefined ? {} : { country }),
      ...(request.clientAddress === undefined ? {} : { clientAddress: request.clientAddress }),
      ...(dispatchId === undefined ? {} : { dispatchId }),
      ...(deviceId === undefined ? {} : { deviceId }),
      header: request.header,
    }),
  );
  if (verdict === 'allow') return ALLOWED;
  return config.onBlock === 'silent' ? { ok: true, decoy: true } : blockedByPolicy('guard');
}

/** Not refused here: the guard decides whether a client needs an id. */
function readDeviceId(fields: readonly string[]): string | undefined {
  const [deviceId = ''] = fields;
  return fields.length === 1 && /^[!-~]{1,128}$/.test(deviceId) ? deviceId : undefined;
}

const ALLOWED: Verdict = { ok: true, decoy: false };
