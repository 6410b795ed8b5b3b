import assert from 'node:assert/strict';
import { cookieOf, type ExchangeRequest, post } from '@otp/testing';
import { EMAIL } from '@otp/testing/internal';
import type { Known } from './body.js';
import { createPropertyWorld, type PropertyWorld } from './world.js';

/** What may precede a request. Each returns the values that the client then knows. */
const SITUATIONS = {
  standalone: (world) => openStandalone(world),
  stepUp: (world) => openStepUp(world),
  /** The interval has passed: a retry is allowed. */
  waited: async (world) => {
    const known = await openStandalone(world);
    world.clock.advance(30);
    return known;
  },
  lastTry: async (world) => {
    const known = await openStandalone(world);
    for (const _ of ['4', '3', '2', '1']) await check(world, known, known.wrongCode, 400);
    return known;
  },
  expired: async (world) => {
    const known = await openStepUp(world);
    world.clock.advance(631);
    return known;
  },
  nothing: async (world) => {
    const known = await openStandalone(world);
    await world.reset();
    return known;
  },
  verified: async (world) => {
    const known = await openStepUp(world);
    await check(world, known, known.code, 200);
    return known;
  },
  /** Another verification of the same token has completed its step. */
  tokenUsed: async (world) => {
    const first = await openStepUp(world);
    world.clock.advance(30);
    const second = await openStepUp(world);
    await check(world, first, first.code, 200);
    return second;
  },
  /** The user has reached the limit on wrong codes; see `SITUATION_LIMITS`. */
  limited: async (world) => {
    const known = await openStepUp(world);
    await check(world, known, known.wrongCode, 400);
    return known;
  },
} as const satisfies Record<string, (world: PropertyWorld) => Promise<Known>>;

type Situation = keyof typeof SITUATIONS;

/** Those that most requests need occur more often. */
export const SITUATION_NAMES = [
  'standalone',
  'stepUp',
  'waited',
  'standalone',
  'waited',
  'nothing',
  'standalone',
  'stepUp',
  'waited',
  'standalone',
  'waited',
  'lastTry',
  'standalone',
  'expired',
  'waited',
  'standalone',
  'verified',
  'waited',
  'tokenUsed',
  'limited',
] as const satisfies readonly Situation[];

/** For `limited`: one wrong code for each user. */
const SITUATION_LIMITS = { limits: { userFailures: { max: 1, windowSeconds: 86_400 } } };

async function openStandalone(world: PropertyWorld): Promise<Known> {
  const cookie = await open(world, EMAIL);
  return knownOf(world, cookie, undefined);
}

async function openStepUp(world: PropertyWorld): Promise<Known> {
  const { token } = world;
  const cookie = await open(world, { challenge_token: token });
  return knownOf(world, cookie, token);
}

async function open(world: PropertyWorld, body: object): Promise<string> {
  return cookieOf(await world.exchange(post('/', body)));
}

function knownOf(world: PropertyWorld, cookie: string, token: string | undefined): Known {
  const { otherToken } = world;
  return { cookie, token, otherToken, code: world.code(), wrongCode: world.wrongCode() };
}

async function check(
  world: PropertyWorld,
  { cookie, token }: Known,
  code: string,
  status: number,
): Promise<void> {
  const request: ExchangeRequest = post('/check', { code, challenge_token: token }, { cookie });
  const response = await world.exchange(request);
  assert.equal(response.status, status, response.body);
}

/** Requests for each world, whose recorders keep growing lists. */
const REQUESTS_A_WORLD = 2_000;

interface Prepared {
  readonly world: PropertyWorld;
  readonly known: Known;
  requests: number;
}

/** Prepares situations for requests. A situation that a request did not change is used again. */
export class SituatedRequests {
  readonly #prepared = new Map<Situation, Prepared>();

  /** @param work returns whether it changed the situation */
  async run(
    situation: Situation,
    work: (world: PropertyWorld, known: Known) => Promise<boolean>,
  ): Promise<void> {
    const prepared = this.#prepared.get(situation) ?? (await prepare(situation));
    const { world, known } = prepared;
    // After a failure the state is unknown.
    this.#prepared.delete(situation);
    const leftTrace = await work(world, known);
    prepared.requests += 1;
    if (prepared.requests > REQUESTS_A_WORLD) return;
    this.#prepared.set(situation, leftTrace ? await prepareAgain(situation, prepared) : prepared);
  }
}

async function prepare(situation: Situation): Promise<Prepared> {
  const world = createPropertyWorld(SITUATION_LIMITS);
  return { world, known: await SITUATIONS[situation](world), requests: 0 };
}

async function prepareAgain(
  situation: Situation,
  { world, requests }: Prepared,
): Promise<Prepared> {
  await world.reset();
  return { world, known: await SITUATIONS[situation](world), requests };
}
