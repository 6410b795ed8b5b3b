import * as v from 'valibot';
import type { ChannelPlans, DeliveryPlan } from '../delivery/delivery-plan.js';
import { blockedByPolicy, type Failure, fail, type Result } from '../errors.js';
import {
  CHANNELS,
  type Channel,
  FLOWS,
  type Flow,
  type Identifier,
  recipientType,
} from '../ports.js';
import { oneOf, parseOptions, record, text } from '../util/schema.js';
import type { SealedSecret } from '../verification/seal.js';
import {
  assertRetryChannel,
  type ChannelOptions,
  type PlanContext,
  resolvePlan,
} from './channels.js';

/** A way of sending that clients select with `login_config_id`. Options that are left out are those of the channel. */
export interface LoginConfigOptions extends Partial<ChannelOptions> {
  readonly channel: Channel;
  /**
   * The flows in which clients may select it: `['standalone']`, `['step-up']` or both. Step-ups must be named, because a
   * client selects for itself: a config with shorter codes would weaken every step-up. @default ['standalone']
   */
  readonly flows?: readonly Flow[];
}

/** A login config, resolved. */
export interface LoginConfig extends DeliveryPlan {
  readonly flows: ReadonlySet<Flow>;
}

const CHANNEL_RULE = `must be one of: ${CHANNELS.join(', ')}`;
const FLOWS_RULE = "must be ['standalone'], ['step-up'] or both";

const OPTIONS = v.optional(
  record(
    text(),
    // The other options are checked together with those of the channel.
    v.looseObject(
      {
        channel: v.picklist(CHANNELS, CHANNEL_RULE),
        flows: v.optional(
          v.pipe(v.array(oneOf(FLOWS), FLOWS_RULE), v.minLength(1, FLOWS_RULE)),
          () => ['standalone' as const],
        ),
      },
      // With a path it is the channel that is missing.
      ({ path }) => (path === undefined ? 'must be an object with a channel' : CHANNEL_RULE),
    ),
    'must be an object of { channel, … } by login_config_id',
  ),
  {},
);

interface ChannelsResolved extends PlanContext {
  /** The option `channels`. */
  readonly channels: Readonly<Partial<Record<Channel, ChannelOptions>>>;
  readonly plans: ChannelPlans;
}

/** Resolves the option `loginConfigs`. */
export function resolveLoginConfigs(
  options: unknown,
  { channels, plans, ...context }: ChannelsResolved,
): ReadonlyMap<string, LoginConfig> {
  const resolved = new Map<string, LoginConfig>();
  for (const [id, { channel, flows, ...own }] of Object.entries(
    parseOptions(OPTIONS, options, 'loginConfigs'),
  )) {
    const name = `loginConfigs.${id}`;
    // A sender of its own is for every country, unless the login config says otherwise.
    const inherited =
      own.sender === undefined
        ? channels[channel]
        : { ...channels[channel], sendersByCountry: undefined };
    const plan = resolvePlan(channel, { ...inherited, ...own }, name, context);
    assertRetryChannel(plan, plans, name);
    resolved.set(id, { ...plan, flows: new Set(flows) });
  }
  return resolved;
}

const DEFAULT_CHANNEL = { phone_number: 'sms', email_address: 'email' } as const;

export const UNSUITABLE = fail(
  'bad_request',
  'login_config_id: does not suit the flow and the recipient',
);

/** The refusal of an id that is none of `loginConfigs`. Before the challenge token is read, because the id alone decides. */
export function findUnknownConfig(
  { loginConfigs }: Pick<Plans, 'loginConfigs'>,
  loginConfigId: string | undefined,
): Failure<'bad_request'> | undefined {
  if (loginConfigId === undefined || loginConfigs.has(loginConfigId)) return undefined;
  return fail('bad_request', 'login_config_id: is unknown');
}

export interface Plans {
  readonly channels: ChannelPlans;
  readonly loginConfigs: ReadonlyMap<string, LoginConfig>;
}

interface PlanQuery {
  readonly flow: Flow;
  /** Of the recipient. */
  readonly type: Identifier['type'];
  readonly loginConfigId: string | undefined;
}

/** Finds the plan of the login config that the client names, which must suit flow and recipient, or of the default channel. */
export function findPlan(
  { channels, loginConfigs }: Plans,
  { flow, type, loginConfigId }: PlanQuery,
): Result<{ plan: DeliveryPlan }, 'bad_request' | 'auth_blocked'> {
  if (loginConfigId === undefined) {
    const plan = channels[DEFAULT_CHANNEL[type]];
    return plan === undefined ? blockedByPolicy('channel') : { ok: true, plan };
  }
  const plan = loginConfigs.get(loginConfigId);
  const isSuitable = plan?.flows.has(flow) && recipientType(plan.channel) === type;
  return plan !== undefined && isSuitable ? { ok: true, plan } : UNSUITABLE;
}

/** Whether a step-up can reach recipients of a type: by the default channel, or by a login config. */
export function servesStepUp({ channels, loginConfigs }: Plans, type: Identifier['type']): boolean {
  const configs = [...loginConfigs.values()];
  return (
    channels[DEFAULT_CHANNEL[type]] !== undefined ||
    configs.some(({ flows, channel }) => flows.has('step-up') && recipientType(channel) === type)
  );
}

/** The plan that a verification was created with; that of the channel if its login config is gone. */
export function planOf(
  { channels, loginConfigs }: Plans,
  { channel, loginConfigId = '' }: Pick<SealedSecret, 'channel' | 'loginConfigId'>,
): DeliveryPlan | undefined {
  const plan = loginConfigs.get(loginConfigId);
  return plan?.channel === channel ? plan : channels[channel];
}
