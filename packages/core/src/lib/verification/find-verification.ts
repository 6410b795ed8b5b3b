import { type Failure, unauthorized } from '../errors.js';
import type { RequestEvents } from '../events/request-events.js';
import type { PresentedToken } from '../http/presented-token.js';
import type { Keyring } from '../keys/keyring.js';
import { type Channel, type OpenRecord, recipientType, type UseStore } from '../ports.js';
import { type SealedSecret, unsealSecret } from './seal.js';
import { verificationId } from './verification-token.js';

interface FindContext {
  readonly config: { readonly appId: string; readonly keyring: Keyring };
  readonly events: RequestEvents;
}

/** The verification that a request presents. */
export interface PresentedVerification {
  readonly ok: true;
  readonly token: string;
  readonly id: string;
}

/** The verification of a handle. No token, two, and a malformed one are unauthorized. */
export function presentedVerification(
  { config, events }: FindContext,
  handle: PresentedToken,
): PresentedVerification | Failure<'unauthorized'> {
  if (!handle.ok) return unauthorized(handle.reason);
  const { token } = handle;
  const id = verificationId(config.appId, token);
  events.add({ verificationId: id });
  return { ok: true, token, id };
}

/** Opens the seal of a record. Unauthorized if its key was retired, or it was changed in the store. */
export function unsealRecord(
  { config, events }: FindContext,
  { id, token }: PresentedVerification,
  { sealed }: OpenRecord,
): { readonly ok: true; readonly secret: SealedSecret } | Failure<'unauthorized'> {
  const { appId, keyring } = config;
  const unsealed = unsealSecret(sealed, { id, appId, token, keyring });
  if (!unsealed.ok) return unauthorized(`record_${unsealed.why}`);
  const { flow, identifier, channel, loginConfigId } = unsealed.secret;
  events.add({ flow, identifier, channel, loginConfigId });
  return unsealed;
}

/**
 * Adds to the event of a refusal what the record of a live verification says. The response does not depend on it, so a store
 * that fails here changes nothing.
 */
export async function describeVerification(
  context: FindContext & { readonly store: UseStore },
  verification: PresentedVerification,
): Promise<void> {
  const read = context.store((each) => each.read(verification.id));
  const record = await read.catch(() => undefined);
  const unsealed = record && unsealRecord(context, verification, record);
  if (record && unsealed?.ok) context.events.add({ channel: channelOf(unsealed.secret, record) });
}

/** The channel that delivered the newest code. The store's entry is not sealed, so it must suit the recipient. */
export function channelOf({ channel, identifier }: SealedSecret, record: OpenRecord): Channel {
  const recorded = record.channel ?? channel;
  return recipientType(recorded) === identifier.type ? recorded : channel;
}
