import { SendError } from '@otp/core';
import { expect, test, vi } from 'vitest';
import { type Death, type Host, post, World } from './killed-host.js';

const phone = (value: string) => ({ identifier: { type: 'phone_number', value } });

interface Create {
  readonly name: string;
  /** The ports whose answers a create waits for when nothing is wrong with the host. */
  readonly ports: readonly string[];
  /** What it tells a port without waiting. */
  readonly behind?: readonly string[];
  readonly answerOfSender?: () => unknown;
  body(world: World): unknown;
}

const CREATES: readonly Create[] = [
  {
    name: 'standalone, the message going another way than planned',
    ports: ['charge', 'guard', 'open', 'send', 'recordSend'],
    behind: ['charge', 'recordSend'],
    answerOfSender: () => ({ channel: 'whatsapp' }),
    body: () => phone('+33612345678'),
  },
  {
    name: 'step-up',
    ports: ['charge', 'guard', 'open', 'send'],
    body: async (world) => ({ challenge_token: await world.challenge('user') }),
  },
  {
    name: 'whose sender is unavailable',
    ports: ['charge', 'guard', 'open', 'send', 'cancel'],
    answerOfSender: () => {
      throw new SendError('unavailable', 'the provider is down');
    },
    body: () => phone('+33612345678'),
  },
];

/** The record of every message that was sent is live, whoever may check it. */
async function expectRecords({ messages, store }: World): Promise<void> {
  for (const [index, { idempotencyKey }] of messages.entries()) {
    const [id = ''] = idempotencyKey.split('.');
    const found = await store.reserveCheck(id, { binding: 'none', limits: [], op: `op-${index}` });
    expect(found).toEqual({ ok: false, why: 'mismatch' });
  }
}

/** Nothing that a death has left behind stands in the way of others. */
async function expectWholeFlow({ url }: Host, world: World): Promise<void> {
  const created = await post(url, phone('+33699999999'));
  expect(created.status).toBe(204);
  const [cookie] = created.headers.getSetCookie()[0]?.split(';') ?? [];
  const code = world.messages.at(-1)?.code;
  expect((await post(`${url}/check`, { code }, cookie)).status).toBe(200);
}

const DEATHS = CREATES.flatMap((create) =>
  create.ports.flatMap((port, at) =>
    (['before', 'after'] as const).map((when) => [when, port, create.name, at, create] as const),
  ),
);
const NAMED = CREATES.map((create) => [create.name, create] as const);

test.each(NAMED)('a create (%s) calls its ports in one order [S14]', async (_, create) => {
  const world = new World(create.answerOfSender);
  const host = await world.start();
  await post(host.url, await create.body(world));
  const ports = [...create.ports, ...(create.behind ?? [])];
  await vi.waitUntil(() => world.calls.length >= ports.length);
  host.kill();
  await host.died;
  expect(world.calls).toEqual(ports);
  await expectRecords(world);
});

test.each(DEATHS)(
  'a host killed %s the %s of a create (%s) leaves no message without its record, and starts again [S14]',
  async (when, _port, _name, at, { answerOfSender, body, ports }) => {
    let isUp = false;
    const world = new World(() => (isUp ? undefined : answerOfSender?.()));
    const death: Death = { at, when };
    const host = await world.start(death);
    await expect(post(host.url, await body(world))).rejects.toThrow();
    await host.died;
    expect(world.calls).toEqual(ports.slice(0, at + 1));
    await expectRecords(world);
    isUp = true;
    const next = await world.start();
    await expectWholeFlow(next, world);
    next.kill();
    await next.died;
  },
);

test('a verification whose create was answered passes after the host was killed [S14]', async () => {
  const world = new World();
  const host = await world.start();
  const created = await post(host.url, phone('+33612345678'));
  const [cookie] = created.headers.getSetCookie()[0]?.split(';') ?? [];
  host.kill();
  await host.died;
  const next = await world.start();
  const check = await post(`${next.url}/check`, { code: world.messages[0]?.code }, cookie);
  expect(check.status).toBe(200);
  next.kill();
  await next.died;
});
