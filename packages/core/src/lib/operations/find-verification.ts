import type { OtpConfig } from '../config.js';
import type { DeliveryPlan } from '../delivery/delivery-plan.js';
import { UNAUTHORIZED } from '../errors.js';
import { verificationRef } from '../events.js';
import { readVerificationCookie } from '../http/cookie.js';
import type { OpenRecord } from '../ports.js';
import { type SealedSecret, unsealSecret } from '../verification/seal.js';
import { verificationId } from '../verification/verification-token.js';
import type { RequestContext } from './context.js';

/** The verification that a request presents. */
export interface PresentedVerification {
  readonly ok: true;
  readonly token: string;
  readonly id: string;
}

/** The verification of the cookie. No cookie, two, and a malformed one are unauthorized. */
export function presentedVerification({
  config,
  request,
}: RequestContext): PresentedVerification | typeof UNAUTHORIZED {
  const { token } = readVerificationCookie(request.header('cookie'), config.cookie.name);
  if (token === undefined) return UNAUTHORIZED;
  return { ok: true, token, id: verificationId(config.appId, token) };
}

/** Opens the seal of a record; undefined, with an event, if its key was retired or it was changed in the store. */
export function unsealRecord(
  { config }: RequestContext,
  presented: PresentedVerification,
  { sealed }: OpenRecord,
): SealedSecret | undefined {
  const { appId, keyring } = config;
  const { id, token } = presented;
  const unsealed = unsealSecret(sealed, { id, appId, token, keyring });
  if (unsealed.ok) return unsealed.secret;
  reportUnreadable(config, presented, unsealed.why);
  return undefined;
}

export function reportUnreadable(
  { emit }: OtpConfig,
  { id }: PresentedVerification,
  why: 'retired' | 'corrupt',
): void {
  emit({ type: 'unreadable_record', verification: verificationRef(id), why });
}

/** The delivery plan that a verification was created with; that of the channel if its login config is gone. */
export function planOf(
  { channels, loginConfigs }: OtpConfig,
  { channel, loginConfigId = '' }: SealedSecret,
): DeliveryPlan | undefined {
  const plan = loginConfigs.get(loginConfigId);
  return plan?.channel === channel ? plan : channels[channel];
}
