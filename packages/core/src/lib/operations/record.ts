import type { OtpConfig } from '../config.js';
import type { DeliveryPlan } from '../delivery/delivery-plan.js';
import { verificationRef } from '../events.js';
import { readVerificationCookie } from '../http/cookie.js';
import type { OpenRecord } from '../ports.js';
import { type SealedSecret, unsealSecret } from '../verification/seal.js';
import { verificationId } from '../verification/verification-token.js';
import type { RequestContext } from './context.js';

export interface OpenedCookie {
  readonly token: string;
  readonly id: string;
}

export function openCookie({ config, request }: RequestContext): OpenedCookie | undefined {
  const { token } = readVerificationCookie(request.header('cookie'), config.cookie.name);
  return token === undefined ? undefined : { token, id: verificationId(config.appId, token) };
}

/** Undefined, with an event, for a record whose key was retired or that is not what we sealed. */
export function unsealRecord(
  { config }: RequestContext,
  cookie: OpenedCookie,
  { sealed }: OpenRecord,
): SealedSecret | undefined {
  const { appId, keyring } = config;
  const { id, token } = cookie;
  const unsealed = unsealSecret(sealed, { id, appId, token, keyring });
  if (unsealed.ok) return unsealed.secret;
  reportUnreadable(config, cookie, unsealed.why);
  return undefined;
}

export function reportUnreadable(
  { emit }: OtpConfig,
  { id }: OpenedCookie,
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
