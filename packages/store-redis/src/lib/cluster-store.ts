import { randomBytes } from 'node:crypto';
import type {
  CheckReservation,
  Completed,
  Completion,
  Guess,
  Limit,
  NewRecord,
  Opened,
  Refused,
  SendReservation,
  SentMessage,
  Tally,
} from '@otp/core/store';
import { parseTallied, type Reply, STATUS } from './replies.js';
import {
  GONE,
  parseCheck,
  parseSend,
  SingleStore,
  toBinding,
  toGuessCharges,
  toOpening,
} from './single-store.js';
import { chargeSlots, followSlots, type SlotCharge } from './slots.js';
import {
  type Charge,
  toCharge,
  toForget,
  toJudge,
  toRefund,
  toSettlement,
  toTally,
} from './steps.js';

/**
 * How much later than the record the limits of a create may be charged, by other clocks: `open` writes to several nodes
 * at once.
 */
const OPENING_MS = 1_000;

/** In a cluster a script reaches one slot: that of a record, or that of the limits and tallies with one name. */
export class ClusterStore extends SingleStore {
  override async open(
    record: NewRecord,
    limits: readonly Limit[],
    tallies: readonly Tally[],
  ): Promise<Opened | Refused> {
    const { id, fewerGuesses: fewer } = record;
    // Of this call: what another one with the same id has opened is not undone.
    const op = randomBytes(9).toString('base64url');
    const judged = tallies.map(toJudge);
    const counted = fewer && { key: fewer.key, args: ['countOf'] };
    const charges = limits.map((limit) => toCharge(limit, op));
    const reads = counted === undefined ? judged : [...judged, counted];
    const [opened, { refused, found }] = await settleTogether(
      this.server.run('open', { ...toOpening(record), op }),
      chargeSlots(this.server, charges, reads),
      // Nobody has the cookie yet.
      () => this.server.run('cancel', { id, send: 1 }),
    );
    const isNew = opened.status === STATUS.done;
    if (isNew && refused !== undefined) return refused;
    if (isNew && fewer && counted && Number(found.get(counted)) >= fewer.from) {
      await this.server.run('lower', { id, guesses: fewer.maxGuesses });
    }
    return { ok: true, tallied: judged.map((step) => parseTallied(found.get(step) ?? [0, 0])) };
  }

  override async reserveSend(
    id: string,
    limits: readonly Limit[],
    op: string,
  ): Promise<SendReservation> {
    const charges = limits.map((limit) => toCharge(limit, op));
    const [reserved, { refused }] = await settleTogether(
      this.server.run('reserveSend', { id, op }),
      chargeSlots(this.server, charges),
      ({ values }) => this.server.run('undoSend', { id, op, wasOpen: values[3] === 1 }),
    );
    return reserved.status === STATUS.done && refused ? refused : parseSend(reserved);
  }

  override async recordSend(
    id: string,
    send: number,
    { channel, tallies }: SentMessage,
  ): Promise<void> {
    await Promise.all([
      channel && this.server.run('recordSend', { id, send, channel }),
      followSlots(
        this.server,
        tallies.map((tally) => toTally('sent', tally)),
      ),
    ]);
  }

  override async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    const { status } = await this.server.run('cancel', { id, send });
    if (status === STATUS.done) await followSlots(this.server, refunds.map(toRefund));
  }

  override async reserveCheck(id: string, guess: Guess): Promise<CheckReservation | Refused> {
    const { op } = guess;
    const binding = toBinding(guess.binding);
    const reply = await this.server.run('reserveCheck', { id, op, binding });
    if (reply.status !== STATUS.done) return parseCheck(reply);
    const refused = await this.#charge(toGuessCharges(id, guess));
    if (refused === undefined) return parseCheck(reply);
    // The token may be the mark of this verification's own success.
    return refused.limit !== guess.token?.name || (await this.#isLive(id)) ? refused : GONE;
  }

  override async complete(id: string, completion: Completion): Promise<Completed> {
    const { op, token } = completion;
    if (token !== undefined && (await this.#charge([toCharge(token, id)])) !== undefined) {
      return (await this.#isLive(id)) ? { ok: false, why: 'token_used' } : GONE;
    }
    const { status, values } = await this.server.run('complete', { id, op });
    if (status === STATUS.gone) return GONE;
    const effects = toSettlement(completion);
    if (status === STATUS.repeated || effects.length === 0) return { ok: true };
    const openedAt = Number(values[0]) + OPENING_MS;
    const settled = followSlots(this.server, effects, { openedAt });
    // The caller need not wait for it.
    settled.catch(() => undefined);
    return { ok: true, settled };
  }

  override async charge(
    limits: readonly Limit[],
    op: string,
  ): Promise<{ readonly ok: true } | Refused> {
    return (await this.#charge(limits.map((limit) => toCharge(limit, op)))) ?? { ok: true };
  }

  override async reset(keys: readonly string[]): Promise<void> {
    await followSlots(this.server, keys.map(toForget));
  }

  async #charge(charges: readonly Charge[]): Promise<Refused | undefined> {
    const { failure, refused, undo } = await chargeSlots(this.server, charges);
    if (failure !== undefined) {
      // Not awaited: the server may be down, and the caller needs the failure now.
      undo().catch(() => undefined);
      throw failure.reason;
    }
    if (refused !== undefined) await undo();
    return refused;
  }

  async #isLive(id: string): Promise<boolean> {
    return (await this.server.run('look', { id })).status === STATUS.done;
  }
}

/**
 * Waits for the step of a record and for the limits that are charged at the same time in other slots. On a refusal the
 * record is undone before the limits: if that stops half-way, a limit stays charged and no record is unlimited.
 */
async function settleTogether(
  step: Promise<Reply>,
  charge: Promise<SlotCharge>,
  undoStep: (reply: Reply) => Promise<unknown>,
): Promise<[Reply, SlotCharge]> {
  const [[settled], charged] = await Promise.all([Promise.allSettled([step]), charge]);
  // The step may have run, so the limits stay charged.
  if (settled.status === 'rejected') throw settled.reason;
  const reply = settled.value;
  const isDone = reply.status === STATUS.done;
  const undo = async () => {
    if (isDone) await undoStep(reply);
    await charged.undo();
  };
  if (charged.failure !== undefined) {
    // Not awaited: the server may be down, and the caller needs the failure now.
    undo().catch(() => undefined);
    throw charged.failure.reason;
  }
  const isKept = reply.status === STATUS.repeated || (isDone && charged.refused === undefined);
  if (!isKept) await undo();
  return [reply, charged];
}
