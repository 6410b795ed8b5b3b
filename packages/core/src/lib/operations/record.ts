import type { DeliveryConfig, OtpConfig } from '../config.js';
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

/** The way that a verification was created with; the channel's default when its configuration is gone. */
export function routeOf(
  { channels, loginConfigs }: OtpConfig,
  { channel, loginConfigId = '' }: SealedSecret,
): DeliveryConfig | undefined {
  const route = loginConfigs.get(loginConfigId);
  return route?.channel === channel ? route : channels[channel];
}
