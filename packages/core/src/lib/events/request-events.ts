import type { ErrorCode, Failure } from '../errors.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { KeyContext, UserName } from '../limits/limit-keys.js';
import type { Channel, Flow, Identifier } from '../ports.js';
import { type OtpEvent, type RequestEvent, type RequestFacts, verificationRef } from './events.js';
import { describeError } from './redact.js';
import { recipientReference, userReference } from './references.js';

/** What an operation has found out about its request. */
interface Findings {
  /** In the store. */
  readonly verificationId?: string;
  readonly flow?: Flow;
  readonly channel?: Channel;
  readonly loginConfigId?: string | undefined;
  /** As the client wrote it. */
  readonly dispatchId?: string | undefined;
  readonly identifier?: NormalizedIdentifier | undefined;
  readonly user?: UserName;
}

/** The events of one request. */
export interface RequestEvents {
  /** Emits an event with everything that was added before. */
  readonly emit: (event: RequestEvent) => void;
  /** Adds to the events that follow. */
  readonly add: (findings: Findings) => void;
}

export function createRequestEvents(
  config: KeyContext & { readonly emit: (event: OtpEvent) => void },
): RequestEvents {
  let known: Findings = {};
  return {
    emit: (event) => config.emit({ ...toFacts(config, known), ...event }),
    add(findings) {
      known = { ...known, ...findings };
    },
  };
}

/** The event of a failure that a client, or a caller of the service, has caused. */
function refusedEvent(route: string, { code, limit, reason }: Failure): RequestEvent {
  return {
    type: 'refused',
    route,
    code,
    ...(limit !== undefined && { limit }),
    ...(reason !== undefined && { reason }),
  };
}

/** Returns a function that emits a failure, and returns the members of it that a client may read; others may be there. */
export function refuser(events: RequestEvents, route: string) {
  return <Code extends ErrorCode>(failure: Failure<Code>): Failure<Code> => {
    const { ok, code, message, retryAfterSeconds, attemptsLeft } = failure;
    // The event of `internal` is `fault`.
    if (code !== 'internal') events.emit(refusedEvent(route, failure));
    return {
      ok,
      code,
      ...(message !== undefined && { message }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(attemptsLeft !== undefined && { attemptsLeft }),
    };
  };
}

/** Returns a function that emits an error as a `fault`. */
export function reportFault(events: RequestEvents, during: string): (error: unknown) => void {
  return (error) => events.emit({ type: 'fault', during, error: describeError(error) });
}

function toFacts(context: KeyContext, known: Findings): RequestFacts {
  const { verificationId, flow, channel, loginConfigId, dispatchId, identifier, user } = known;
  return {
    ...(verificationId !== undefined && { verification: verificationRef(verificationId) }),
    ...(flow !== undefined && { flow }),
    ...(channel !== undefined && { channel }),
    ...(identifier?.country !== undefined && { country: identifier.country }),
    ...(loginConfigId !== undefined && { loginConfigId }),
    ...(dispatchId !== undefined && isHarmless(dispatchId, identifier) && { dispatchId }),
    ...(identifier !== undefined && { recipient: recipientReference(context, identifier) }),
    ...(user !== undefined && { user: userReference(context, user) }),
  };
}

/** The client chooses a dispatch id: it could be a code or a phone number, which have no letter, a token, or the recipient. */
function isHarmless(dispatchId: string, identifier: Identifier | undefined): boolean {
  if (dispatchId.length >= 40 || !/[A-Za-z]/.test(dispatchId)) return false;
  if (identifier === undefined) return true;
  const text = bare(dispatchId);
  const parts = partsOf(identifier).map(bare);
  return !parts.every((part) => text.includes(part));
}

/** The parts by which a recipient is recognised: the end of a number, which may be written without its country; or both of an address. */
function partsOf({ type, value }: Identifier): string[] {
  return type === 'phone_number' ? [value.slice(-7)] : value.split('@');
}

/** Without the characters that only separate. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
