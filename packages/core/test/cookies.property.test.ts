import assert from 'node:assert/strict';
import { type Choices, choicesOf, happens } from '@otp/test/generators/choices';
import { generateCookies } from '@otp/test/generators/cookie';
import { mutateText } from '@otp/test/generators/mutate';
import {
  DECISIONS,
  MEETS_RARE_ANSWERS,
  PARAMETERS,
  Tally,
  TIMEOUT,
} from '@otp/test/generators/property';
import { createPropertyWorld, type PropertyWorld } from '@otp/test/generators/world';
import { cookieOf, type ExchangeRequest, type Header, post } from '@otp/testing';
import { EMAIL, setUp, type TestKit } from '@otp/testing/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const NAME = '__verification-login_app';
const ANSWERS = ['/check 200', '/check unauthorized', '/retry rate_limited', '/retry unauthorized'];
const FORM = /^[A-Za-z0-9_-]{43}$/;
/** A world keeps lists of what it was asked. */
const CALLS_A_WORLD = 5_000;

test(
  'one cookie of our name that holds our value to the byte is let in, and nothing else [K04, K05, K06]',
  async () => {
    const seen = new Tally();
    let apps = createApps();
    const property = fc.asyncProperty(DECISIONS, async (bytes) => {
      if (apps.world.store.calls.length > CALLS_A_WORLD) apps = createApps();
      const { answer, request } = await sendCookies(apps, choicesOf(bytes));
      seen.count(`${request.path} ${answer}`);
    });
    await fc.assert(property, PARAMETERS);
    for (const answer of ANSWERS) {
      expect(seen.percent(answer), answer).toBeGreaterThan(MEETS_RARE_ANSWERS ? 10 : 0);
    }
  },
  TIMEOUT,
);

/** Two apps over one store. */
interface Apps {
  readonly world: PropertyWorld;
  readonly other: TestKit;
  /** The cookie values of a live verification of each, and the code of the first. */
  live: { readonly values: readonly [string, string]; readonly code: string } | undefined;
}

function createApps(): Apps {
  const world = createPropertyWorld();
  const { store, clock } = world;
  const other = setUp({ appId: 'app2', store, testClock: clock });
  return { world, other, live: undefined };
}

async function openBoth({ world, other }: Apps): Promise<NonNullable<Apps['live']>> {
  await world.reset();
  const ours = cookieOf(await world.exchange(post('/', EMAIL)));
  const theirs = cookieOf(await other.create(EMAIL));
  const [mine = '', foreign = ''] = [ours, theirs].map((pair) => pair.split('=')[1] ?? '');
  return { values: [mine, foreign], code: world.code() };
}

async function sendCookies(apps: Apps, choices: Choices) {
  const { world } = apps;
  const { values, code } = apps.live ?? (await openBoth(apps));
  // Prepared again after what left a trace, and after a failure.
  apps.live = undefined;
  const { fields, ours } = generateCookies(choices, { name: NAME, values });
  const isMutated = happens(choices, 15);
  const headers = isMutated ? mutateFields(choices, fields) : fields;
  const request =
    choices.below(2) === 0
      ? post('/retry', {}, { headers })
      : post('/check', { code }, { headers });
  const calls = world.store.calls.length;
  const { answer, leftTrace } = await world.exchangeChecked(request);
  if (!isMutated) {
    const isAsked = world.store.calls.length > calls;
    assert.equal(isAsked, ours.length === 1 && FORM.test(ours[0] ?? ''), JSON.stringify(fields));
    assert.equal(answer, expectedAnswer(request, ours, values), JSON.stringify(fields));
  }
  if (!leftTrace) apps.live = { values, code };
  return { answer, request };
}

function mutateFields(choices: Choices, fields: readonly Header[]): Header[] {
  return fields.map(([name, value]) => [name, mutateText(choices, value)]);
}

/** A retry that is let in comes too early, which leaves no trace. */
function expectedAnswer(
  { path }: ExchangeRequest,
  ours: readonly string[],
  [live]: readonly [string, string],
): string {
  if (ours.length !== 1 || ours[0] !== live) return 'unauthorized';
  return path === '/check' ? '200' : 'rate_limited';
}
