import type { Countries } from '../identifier/countries.js';
import type { WriteMessage } from '../messages/messages.js';
import type { Channel } from '../ports.js';
import type { PlanSender } from './sender-registry.js';

/** How codes are made and sent through one channel: the options of a channel or of a login config, resolved. */
export interface DeliveryPlan {
  readonly channel: Channel;
  /** In the order in which they are tried; at least one. */
  readonly senders: readonly PlanSender[];
  /** Replace `senders` for numbers of a country, by ISO 3166-1 alpha-2 code. */
  readonly sendersByCountry: ReadonlyMap<string, readonly PlanSender[]>;
  /** The channel that every other send of a verification tries first. */
  readonly retryChannel: Channel | undefined;
  /** Undefined for e-mail. */
  readonly countries: Countries | undefined;
  readonly codeLength: number;
  readonly ttlSeconds: number;
  /** Undefined: the request decides. */
  readonly locale: string | undefined;
  readonly message: WriteMessage;
}

/** The plans of channels that take part. */
export type ChannelPlans = Readonly<Partial<Record<Channel, DeliveryPlan>>>;
