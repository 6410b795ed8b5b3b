import type { ChannelPlans } from '../delivery/delivery-plan.js';
import { createSenderRegistry } from '../delivery/sender-registry.js';
import type { Emit } from '../events/events.js';
import type { Messages } from '../messages/messages.js';
import type { Channel } from '../ports.js';
import { type ChannelOptions, resolveChannels } from './channels.js';
import { type FixedCodeOptions, type FixedCodes, resolveFixedCodes } from './fixed-codes.js';
import { type LoginConfig, type LoginConfigOptions, resolveLoginConfigs } from './login-configs.js';

export interface DeliveryOptions {
  /** The channels that are served. Phone numbers use `sms` and e-mail addresses `email`, unless a login config is named. */
  readonly channels: Readonly<Partial<Record<Channel, ChannelOptions>>>;
  /** By `login_config_id`. @default none */
  readonly loginConfigs?: Readonly<Record<string, LoginConfigOptions>>;
  /**
   * Recipients whose code is known beforehand. Nothing is sent to them; all else, limits included, is as for any other
   * recipient. Step-ups never use a fixed code. @default none
   */
  readonly fixedCodes?: readonly FixedCodeOptions[];
}

export interface DeliveryConfig {
  readonly channels: ChannelPlans;
  readonly loginConfigs: ReadonlyMap<string, LoginConfig>;
  readonly fixedCodes: FixedCodes;
}

interface ResolveContext {
  readonly messages: Messages;
  readonly emit: Emit;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Checks the options of delivery and fills in the defaults. */
export function resolveDelivery(
  options: DeliveryOptions,
  { messages, emit, now }: ResolveContext,
): DeliveryConfig {
  const context = { messages, addSenders: createSenderRegistry(emit, () => performance.now()) };
  const channels = resolveChannels(options.channels, context);
  const loginConfigs = resolveLoginConfigs(options.loginConfigs, {
    ...context,
    channels: options.channels,
    plans: channels,
  });
  const standalone = [...loginConfigs.values()].filter(({ flows }) => flows.has('standalone'));
  // Step-ups never use a fixed code.
  const plans = [...Object.values(channels), ...standalone];
  return {
    channels,
    loginConfigs,
    fixedCodes: resolveFixedCodes(options.fixedCodes, { plans, now }),
  };
}
