import type { DeliveryConfig } from '../config.js';
import { type Failure, fail, type RefusalReason } from '../errors.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Flow, Guard } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';
import type { RequestContext } from './context.js';

const GUARD_LIMIT_MS = 1_000;

export interface PolicyInput {
  readonly flow: Flow;
  readonly identifier: NormalizedIdentifier;
  readonly route: DeliveryConfig;
  readonly dispatchId: string | undefined;
}

/** `decoy`: blocked, and the host wants nobody to notice. */
export type Verdict = { readonly ok: true; readonly decoy: boolean } | Failure<'auth_blocked'>;

/** One message for every policy, so that nobody learns which one it was. */
export function refuseByPolicy(reason: RefusalReason): Failure<'auth_blocked'> {
  return fail('auth_blocked', 'The request is refused by policy.', { reason });
}

/** May this recipient be sent to at all? Countries first, then the host's guard (1 s; what it throws is a fault). */
export function checkPolicy(
  context: RequestContext,
  input: PolicyInput,
): Verdict | Promise<Verdict> {
  if (!isServed(input.route, input.identifier)) return refuseByPolicy('country');
  const { guard } = context.config;
  return guard === undefined ? ALLOWED : askGuard(guard, context, input);
}

async function askGuard(
  guard: Guard,
  { config, request }: RequestContext,
  { flow, identifier, dispatchId }: PolicyInput,
): Promise<Verdict> {
  const { type, value, country } = identifier;
  const verdict = await withTimeLimit('the guard', GUARD_LIMIT_MS, () =>
    guard({
      flow,
      identifier: { type, value },
      ...(country === undefined ? {} : { country }),
      ...(request.clientAddress === undefined ? {} : { clientAddress: request.clientAddress }),
      ...(dispatchId === undefined ? {} : { dispatchId }),
      header: request.header,
    }),
  );
  if (verdict === 'allow') return ALLOWED;
  return config.onBlock === 'silent' ? { ok: true, decoy: true } : refuseByPolicy('guard');
}

const ALLOWED: Verdict = { ok: true, decoy: false };

/** Whether the channel may be used for recipients of that country. */
export function isServed(
  { countries }: DeliveryConfig,
  { country }: Pick<NormalizedIdentifier, 'country'>,
): boolean {
  if (countries === undefined || countries === 'ALL') return true;
  return country !== undefined && countries.has(country);
}
