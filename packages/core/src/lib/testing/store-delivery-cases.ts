import assert from 'node:assert/strict';
import { handle } from '../handle.js';
import { type OtpMessage, SendError, type Sender, type SendFailure } from '../ports.js';
import { assertVerified } from './assert-response.js';
import { toOtpRequest } from './direct.js';
import { headerValues, post } from './exchange.js';
import { EMAIL, PHONE } from './scenario.js';
import { type StoreServiceWorld, serviceCase } from './store-service-world.js';
import type { StoreCase } from './store-world.js';
import { answerOf, email, phone, type TestKit } from './test-kit.js';
import { decodePayload } from './test-tokens.js';

interface SwitchedSender extends Sender {
  readonly asked: OtpMessage[];
  /** How it fails; undefined: it does not. */
  failure: SendFailure | undefined;
}

function createSender(failure?: SendFailure): SwitchedSender {
  const asked: OtpMessage[] = [];
  return {
    asked,
    failure,
    async send(message) {
      asked.push(message);
      if (this.failure === undefined) return undefined;
      throw new SendError(this.failure, 'down', { countsForBreaker: false });
    },
  };
}

/** Two senders for SMS, the second of which sends WhatsApp, and the same two for e-mail. */
function route(t: StoreServiceWorld, first?: SendFailure, second?: SendFailure) {
  const senders = [createSender(first), createSender(second)] as const;
  const [one, other] = senders;
  const whatsapp: Sender = {
    async send(message) {
      await other.send(message);
      return { channel: 'whatsapp' };
    },
  };
  const kit = t.beside({
    channels: {
      sms: { sender: [one, whatsapp], countries: ['FR'] },
      email: { sender: [...senders] },
    },
  });
  return { kit, one, other };
}

const codeOf = ({ asked }: SwitchedSender) => asked.at(-1)?.code ?? assert.fail('it was not asked');

async function createFrom(t: TestKit, clientAddress: string, body: object): Promise<string> {
  const answer = await handle(t.service, { ...toOtpRequest(post('/', body)), clientAddress });
  return answerOf({ ...answer, body: answer.body ?? '' });
}

/** What becomes of a verification and of its limits when a message does not go out by the first sender. */
export const deliveryCases: readonly StoreCase[] = [
  serviceCase(
    'S10 S12 when the first sender is down, the second sends the same code, which counts once, and its channel is on record',
    async (t) => {
      const { kit, one, other } = route(t, 'unavailable');
      const cookie = await kit.open(PHONE);
      assert.equal(codeOf(one), codeOf(other));
      assert.equal(answerOf(await t.peer.create(PHONE)), 'auth_blocked');
      const checked = await t.peer.check(cookie, codeOf(other));
      assert.deepEqual(decodePayload(assertVerified(checked)).amr, ['otp']);
    },
  ),

  serviceCase(
    'S11 a create that no sender takes leaves no record, and its recipient may be sent to at once',
    async (t) => {
      const { kit, one, other } = route(t, 'unavailable', 'unavailable');
      const failed = await kit.create(EMAIL);
      assert.equal(answerOf(failed), 'internal');
      assert.deepEqual(headerValues(failed, 'set-cookie'), []);
      for (const sender of [one, other]) sender.failure = undefined;
      const cookie = await kit.open(EMAIL);
      assert.equal(answerOf(await t.peer.check(cookie, codeOf(one))), '200');
    },
  ),

  serviceCase(
    'S11 a create for a recipient that is refused for good is blocked, leaves no record, and is not given back',
    async (t) => {
      const { kit, one } = route(t, 'rejected');
      const refused = await kit.create(EMAIL);
      assert.equal(answerOf(refused), 'auth_blocked');
      assert.deepEqual(headerValues(refused, 'set-cookie'), []);
      one.failure = undefined;
      assert.equal(answerOf(await t.peer.create(EMAIL)), 'auth_blocked');
    },
  ),

  serviceCase(
    'S11 S12 a message of which nobody knows whether it is out has counted, and its code passes',
    async (t) => {
      const { kit, one } = route(t, 'unknown', 'unavailable');
      const cookie = await kit.open(EMAIL);
      assert.equal(answerOf(await t.peer.create(EMAIL)), 'auth_blocked');
      assert.equal(answerOf(await t.peer.check(cookie, codeOf(one))), '200');
    },
  ),

  serviceCase(
    'S11 a retry that no sender takes may be repeated at once, and the first code passes',
    async (t, { intervalSeconds }) => {
      const { kit, one, other } = route(t);
      const cookie = await kit.open(EMAIL);
      const code = codeOf(one);
      await t.wait(intervalSeconds);
      for (const sender of [one, other]) sender.failure = 'unavailable';
      for (let n = 0; n < 3; n += 1) assert.equal(answerOf(await kit.retry(cookie)), 'internal');
      for (const sender of [one, other]) sender.failure = undefined;
      assert.equal(answerOf(await kit.retry(cookie)), '204');
      assert.equal(codeOf(one), code);
      assert.equal(answerOf(await t.peer.check(cookie, code)), '200');
    },
    { service: ({ intervalSeconds }) => ({ retryIntervalSeconds: intervalSeconds }) },
  ),

  serviceCase(
    'I03 I07 I08 what is no recipient or not served takes nothing of any limit',
    async (t) => {
      const { kit } = route(t);
      const address = '198.51.100.7';
      const refused = [
        { body: email('a@b.example\r\nBcc: c@d.example'), answer: 'bad_request' },
        { body: phone('+33140205050'), answer: 'bad_request' },
        { body: phone('+14155552671'), answer: 'auth_blocked' },
      ];
      for (const { body, answer } of refused) {
        assert.equal(await createFrom(kit, address, body), answer);
      }
      assert.equal(await createFrom(kit, address, PHONE), '204');
      assert.equal(await createFrom(kit, address, email('other@example.com')), 'auth_blocked');
    },
    {
      service: () => ({ limits: { clientAddress: [{ max: 1, windowSeconds: 600 }] } }),
    },
  ),
];
