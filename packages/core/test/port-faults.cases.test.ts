import {
  canFail,
  FAULTS,
  type Fault,
  type FaultyKit,
  setUpFaulty,
} from '@otp/test/faults/port-faults';
import { cookieOf, type ExchangeResponse, headerValues } from '@otp/testing';
import { answerOf, assertVerified, EMAIL } from '@otp/testing/internal';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SendError } from '../src/lib/ports.js';

const INTERNAL = '{"code":"internal","type":"internal"}';
const DAY_SECONDS = 86_400;

type Flow = 'standalone' | 'step-up';

/** A request whose ports fail, one after the other. */
interface Scenario {
  readonly title: string;
  readonly flow: Flow;
  /** What the sender does besides working. */
  readonly sender?: 'uses another channel' | 'is down';
  /** Answers when no port fails. */
  readonly good: string;
}

const FLOWS: readonly Flow[] = ['standalone', 'step-up'];
const SENDING: readonly Scenario[] = FLOWS.flatMap((flow) => [
  { title: flow, flow, good: '204' },
  { title: `${flow}, whose sender is down`, flow, sender: 'is down', good: 'internal' },
  {
    title: `${flow}, over another channel`,
    flow,
    sender: 'uses another channel',
    good: '204',
  },
]);

/** What a client of one flow holds. */
interface Client {
  readonly body: object;
  readonly more: object;
}

function clientOf(t: FaultyKit, flow: Flow): Client {
  if (flow === 'standalone') return { body: EMAIL, more: {} };
  const exp = t.clock.now() / 1000 + 3 * 3600;
  const more = { challenge_token: t.challenge({ exp }) };
  return { body: more, more };
}

function setSender(t: FaultyKit, { sender }: Scenario): void {
  if (sender === 'is down') t.sender.fail(new SendError('unavailable', 'down'));
  t.uses(sender === 'uses another channel' ? 'whatsapp' : undefined);
}

/** A sender that is down has failed already. */
function isTried({ sender }: Scenario, call: string): boolean {
  return sender !== 'is down' || call !== 'sender.send';
}

interface Case {
  readonly call: string;
  readonly fault: Fault;
  readonly index: number;
}

/** Every call that a good run makes to a port, with every way in which it can go wrong. */
async function faultsOf(
  run: (t: FaultyKit) => Promise<() => Promise<unknown>>,
): Promise<[title: string, each: Case][]> {
  const t = setUpFaulty();
  const calls = await t.observe(await run(t));
  vi.restoreAllMocks();
  return calls.flatMap((call, index) =>
    FAULTS.filter((fault) => canFail(call, fault)).map((fault): [string, Case] => {
      const nth = calls.slice(0, index).filter((each) => each === call).length;
      const title = `${call}${nth === 0 ? '' : ` (call ${nth + 1})`} ${fault} [${caseOf(call)}]`;
      return [title, { call, fault, index }];
    }),
  );
}

function caseOf(call: string): string {
  if (call === 'signer') return 'R10';
  return call === 'sender.send' ? 'S12, S14' : 'S01, S14';
}

/** What a client may be told when one call has failed: internal, but for what follows. */
function allowed({ call, fault }: Case, good: string): string {
  if (fault === 'loses its reply and is repeated') return good;
  // A message that may be on its way counts as sent.
  if (call === 'sender.send' && fault !== 'fails before its work') return '204';
  // The message is out, and its code has to work.
  if (call === 'store.recordSend') return good;
  return 'internal';
}

function assertAnswer(response: ExchangeResponse, expected: string): void {
  expect(answerOf(response)).toBe(expected);
  if (expected === 'internal') {
    expect([response.status, response.body]).toEqual([500, INTERNAL]);
    expect(headerValues(response, 'set-cookie')).toEqual([]);
  }
}

function assertNoOrphans(t: FaultyKit): void {
  expect(t.orphans).toEqual([]);
  expect(new Set(t.sender.messages.map(({ code }) => code)).size).toBeLessThanOrEqual(1);
}

const rejections: unknown[] = [];
const onRejection = (reason: unknown) => void rejections.push(reason);
process.on('unhandledRejection', onRejection);
afterAll(() => {
  process.off('unhandledRejection', onRejection);
  expect(rejections).toEqual([]);
});

// What is waited for is a time limit; the rest of the work takes no time of its own.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

for (const scenario of SENDING) {
  const { flow, good, title } = scenario;

  describe(`a create, ${title}`, async () => {
    const cases = await faultsOf(async (t) => {
      const { body } = clientOf(t, flow);
      setSender(t, scenario);
      return () => t.create(body);
    });

    test.each(cases.filter(([, { call }]) => isTried(scenario, call)))('%s', async (_, fault) => {
      const t = setUpFaulty();
      const { body, more } = clientOf(t, flow);
      setSender(t, scenario);
      const created = await t.inject(fault.fault, fault.index, () => t.create(body));
      assertAnswer(created, allowed(fault, good));
      assertNoOrphans(t);
      if (created.status === 204 && t.sender.messages.length > 0) {
        assertVerified(await t.check(cookieOf(created), t.code(), more));
      }

      t.sender.fail(undefined);
      t.clock.advance(DAY_SECONDS);
      expect((await t.create(clientOf(t, flow).body)).status).toBe(204);
    });
  });

  describe(`a retry, ${title}`, async () => {
    const cases = await faultsOf(async (t) => {
      const cookie = cookieOf(await t.create(clientOf(t, flow).body));
      t.clock.advance(30);
      setSender(t, scenario);
      return () => t.retry(cookie);
    });

    test.each(cases.filter(([, { call }]) => isTried(scenario, call)))(
      '%s, and the old code passes',
      async (_, fault) => {
        const t = setUpFaulty();
        const { body, more } = clientOf(t, flow);
        const cookie = cookieOf(await t.create(body));
        t.clock.advance(30);
        setSender(t, scenario);
        const retried = await t.inject(fault.fault, fault.index, () => t.retry(cookie));
        assertAnswer(retried, allowed(fault, good));
        assertNoOrphans(t);
        expect(t.sender.messages.length).toBeLessThanOrEqual(2);

        // No more sends than five, and no sooner than the interval, whatever was lost.
        t.sender.fail(undefined);
        for (let more = 0; more < 8; more += 1) await t.retry(cookie);
        expect(t.sender.messages.length).toBeLessThanOrEqual(2);
        const wrong = await t.check(cookie, t.wrongCode(), more);
        expect(JSON.parse(wrong.body)).toMatchObject({ code: 'bad_check_code', attempts_left: 4 });
        assertVerified(await t.check(cookie, t.code(), more));
      },
    );
  });
}

for (const flow of FLOWS) {
  describe(`a check of the right code, ${flow}`, async () => {
    const cases = await faultsOf(async (t) => {
      const { body, more } = clientOf(t, flow);
      const cookie = cookieOf(await t.create(body));
      return () => t.check(cookie, t.code(), more);
    });
    const endsAt = cases.find(([, { call }]) => call === 'store.complete')?.[1].index ?? 0;

    /** Whether the verification was ended before the client heard of it. */
    const isEnded = ({ index, fault }: Case) => index === endsAt && fault.includes('after');

    test.each(cases)('%s, and there is one success at most', async (_, fault) => {
      const t = setUpFaulty();
      const { body, more } = clientOf(t, flow);
      const cookie = cookieOf(await t.create(body));
      const code = t.code();
      const checked = await t.inject(fault.fault, fault.index, () => t.check(cookie, code, more));
      assertAnswer(checked, allowed(fault, '200'));
      const again = [await t.check(cookie, code, more), await t.check(cookie, code, more)];
      const successes = [checked, ...again].filter(({ status }) => status === 200);
      const isLost = answerOf(checked) === 'internal' && isEnded(fault);
      expect(successes.map(({ status }) => status)).toEqual(isLost ? [] : [200]);
      expect(answerOf(await t.check(cookie, code, more))).toBe('unauthorized');

      const second = await t.create(body);
      if (flow === 'step-up') expect(answerOf(second)).toBe('invalid_challenge_token');
      expect(t.sender.messages).toHaveLength(1);
    });
  });

  describe(`a check of a wrong code, ${flow}`, async () => {
    const cases = await faultsOf(async (t) => {
      const { body, more } = clientOf(t, flow);
      const cookie = cookieOf(await t.create(body));
      return () => t.check(cookie, t.wrongCode(), more);
    });

    test.each(cases)('%s, and no more than five are evaluated', async (_, fault) => {
      const t = setUpFaulty();
      const { body, more } = clientOf(t, flow);
      const cookie = cookieOf(await t.create(body));
      const wrong = () => t.check(cookie, t.wrongCode(), more);
      const checked = await t.inject(fault.fault, fault.index, wrong);
      assertAnswer(checked, allowed(fault, 'bad_check_code'));
      const answers = [answerOf(checked)];
      for (let more = 0; more < 6; more += 1) answers.push(answerOf(await wrong()));
      const evaluated = answers.filter((answer) => answer === 'bad_check_code').length;
      expect(evaluated).toBeLessThanOrEqual(5);
      expect(evaluated).toBeGreaterThanOrEqual(4);
      expect(answerOf(await t.check(cookie, t.code(), more))).toBe('unauthorized');
    });
  });
}

describe('taking a completed token', async () => {
  async function complete(t: FaultyKit): Promise<string> {
    const cookie = cookieOf(await t.create(EMAIL));
    return assertVerified(await t.check(cookie, t.code()));
  }

  async function take(t: FaultyKit, token: string): Promise<string> {
    try {
      const taken = await t.service.consumeSessionStart(token);
      return taken.ok ? 'taken' : taken.code;
    } catch {
      return 'failed';
    }
  }

  const cases = await faultsOf(async (t) => {
    const token = await complete(t);
    return () => take(t, token);
  });

  test.each(cases)('%s, and it is taken once at most', async (_, { fault, index }) => {
    const t = setUpFaulty();
    const token = await complete(t);
    const first = await t.inject(fault, index, () => take(t, token));
    expect(first).toBe(fault.startsWith('loses') ? 'taken' : 'failed');
    const isUsed = !fault.includes('before');
    expect(await take(t, token)).toBe(isUsed ? 'token_reused' : 'taken');
    expect(await take(t, token)).toBe('token_reused');
  });
});
