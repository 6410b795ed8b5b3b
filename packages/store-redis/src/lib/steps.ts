import { type Completion, GIVE_BACKS_PER_DAY, type Limit, type Tally } from '@otp/core/store';

/** What a script does with one key; the place of the key in KEYS goes before the arguments. */
export interface Step {
  readonly key: string;
  readonly args: readonly unknown[];
}

/** The charge of a limit. */
export interface Charge extends Step {
  readonly limit: Limit;
  /** Empty where the record recognises a repeat. */
  readonly op: string;
}

/** What a script does on one node, in one atomic run. */
export interface Work {
  readonly limits?: readonly Charge[];
  /** Follow what is done, and are left out if it is refused. */
  readonly effects?: readonly Step[];
  /** The limit by whose count `open` may give the record fewer guesses. */
  readonly fewer?: Step;
}

export function toCharge(limit: Limit, op = ''): Charge {
  const { key, share = '', cost = 1, gapsSeconds = false, windows } = limit;
  const counted = windows.map(({ max, windowSeconds }) => [max, windowSeconds]);
  return { key, args: [share, op, cost, gapsSeconds, counted], limit, op };
}

/** @param receipt what the charge has counted */
export function toUndo({ key, op, limit: { share = '' } }: Charge, receipt: unknown): Step {
  return { key, args: ['undo', share, op, receipt] };
}

/** Passes if no verification, or the one with this id, has used up the token. */
export function toLook(token: Limit, id: string): Charge {
  return toCharge({ ...token, cost: 0 }, id);
}

export function toRefund({ key, share = '' }: Limit): Step {
  return { key, args: ['refund', share] };
}

export function toJudge({ key, until, enough }: Tally): Step {
  return { key, args: ['judge', until, enough] };
}

export function toTally(event: 'sent' | 'verified', { key, at, until, enough }: Tally): Step {
  return { key, args: [event, at, until, enough] };
}

export function toForget(key: string): Step {
  return { key, args: ['forget'] };
}

/** What follows a claim. */
export function toSettlement({ guess, create, reset, tallies }: Completion): Step[] {
  return [
    ...guess.map(({ key, share = '' }) => ({ key, args: ['giveBack', share] })),
    ...create.map(({ key, share = '', windows }) => ({
      key,
      args: [
        'giveBackCreate',
        share,
        windows.map(({ windowSeconds }) => windowSeconds),
        GIVE_BACKS_PER_DAY,
      ],
    })),
    ...reset.map(({ key, share = '' }) => ({ key, args: ['drop', share] })),
    ...tallies.map((tally) => toTally('verified', tally)),
  ];
}
