import type { RequestEvent } from '../events.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Parties } from './breaker.js';
import type { ChannelPlans, DeliveryPlan } from './delivery-plan.js';

/** One send of a verification, for `deliver`. */
export interface Delivery {
  /** The verification's id in the store. */
  readonly id: string;
  /** 1 for the first message of a verification. */
  readonly send: number;
  readonly plan: DeliveryPlan;
  readonly identifier: NormalizedIdentifier;
  /** For the breakers. */
  readonly parties: Parties;
  readonly code: string;
  readonly locale: string;
  /** The rest of the verification's life. */
  readonly remainingMs: number;
  readonly dispatchId: string | undefined;
}

/** The part of the configuration that `deliver` needs. */
export interface DeliveryContext {
  readonly appName: string;
  readonly channels: ChannelPlans;
  readonly sendTimeoutMs: number;
  readonly emit: (event: RequestEvent) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
