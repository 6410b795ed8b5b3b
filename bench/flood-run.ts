import { randomBytes, randomInt } from 'node:crypto';

/** A system that takes creates. */
export interface FloodTarget {
  /** Requests at once. */
  readonly clients: number;
  /** Seconds, by the clock of the verifications. */
  now(): number;
  post(path: string, body: unknown, fields: Fields): Promise<FloodAnswer>;
  /** The code of the last message to a recipient. */
  codeFor(recipient: string): Promise<string>;
  /** After a garbage collection, in bytes. */
  memory(): Promise<{ readonly heap: number; readonly rss: number }>;
  close(): Promise<void>;
}

/** `address` is where the request comes from. */
export interface Fields {
  readonly address: string;
  readonly cookie?: string;
}

export interface FloodAnswer {
  readonly status: number;
  readonly cookie: string | undefined;
}

interface Live {
  readonly cookie: string;
  readonly code: string;
  readonly openedAt: number;
}

/** After each, verifications are opened and old ones checked; after every fifth, memory is read. */
const SLICES = 150;
/** A verification lives for 600 s; one of ours is checked when it is this old, or at the end. */
const CHECK_AFTER_SECONDS = 480;
/** How far the last third may lie above the middle third. */
const MAX_GROWTH = 1.1;

/** Returns true when memory levels off and every verification that was opened passed. */
export async function flood(
  title: string,
  target: FloodTarget,
  count: number,
): Promise<true | undefined> {
  console.log(`\n${title}: ${count} creates`);
  const statuses = new Map<number, number>();
  const heaps: number[] = [];
  const live: Live[] = [];
  const outcome = { passed: 0, lost: 0, refused: 0 };
  const started = performance.now();
  await open(target, live, outcome, 10);
  for (let slice = 1; slice <= SLICES; slice += 1) {
    await createMany(target, Math.ceil(count / SLICES), statuses);
    await checkOld(target, live, outcome, CHECK_AFTER_SECONDS);
    await open(target, live, outcome, 1);
    if (slice % 5 > 0) continue;
    const { heap, rss } = await target.memory();
    heaps.push(heap);
    if (slice % 15 === 0)
      report(Math.round((count / SLICES) * slice), statuses, heap, rss, started);
  }
  await checkOld(target, live, outcome, 0);
  await target.close();
  return verdict(heaps, outcome);
}

async function createMany(
  target: FloodTarget,
  count: number,
  statuses: Map<number, number>,
): Promise<void> {
  let left = count;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const { status } = await target.post('', randomCreate(), { address: randomAddress() });
      if (status !== 204 && status !== 500) throw new Error(`a create was answered ${status}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: target.clients }, client));
}

async function open(
  target: FloodTarget,
  live: Live[],
  outcome: { refused: number },
  count: number,
): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    const value = `live-${randomBytes(8).toString('hex')}@example.com`;
    const body = { identifier: { type: 'email_address', value } };
    const { cookie } = await target.post('', body, { address: randomAddress() });
    if (cookie === undefined) outcome.refused += 1;
    else live.push({ cookie, code: await target.codeFor(value), openedAt: target.now() });
  }
}

async function checkOld(
  target: FloodTarget,
  live: Live[],
  outcome: { passed: number; lost: number },
  seconds: number,
): Promise<void> {
  while (live[0] !== undefined && target.now() - live[0].openedAt >= seconds) {
    const { cookie, code } = live[0];
    live.shift();
    const { status } = await target.post('/check', { code }, { address: randomAddress(), cookie });
    if (status === 200) outcome.passed += 1;
    else outcome.lost += 1;
  }
}

const NUMBERS = 10 ** 8;
let nextNumber = randomInt(NUMBERS);

/** A prime step, so that every number is new. */
function randomNumber(): string {
  nextNumber = (nextNumber + 7919) % NUMBERS;
  return `+9198${String(nextNumber).padStart(8, '0')}`;
}

function randomCreate(): unknown {
  const identifier =
    randomInt(2) === 0
      ? { type: 'email_address', value: `${randomBytes(10).toString('hex')}@example.com` }
      : { type: 'phone_number', value: randomNumber() };
  return { identifier };
}

function randomAddress(): string {
  return [randomInt(1, 224), ...randomBytes(3)].join('.');
}

const MB = 2 ** 20;

function report(
  done: number,
  statuses: ReadonlyMap<number, number>,
  heap: number,
  rss: number,
  started: number,
): void {
  const columns = [
    `${done} done`,
    `${statuses.get(204) ?? 0} opened`,
    `${statuses.get(500) ?? 0} refused`,
    `heap ${(heap / MB).toFixed(0)} MB`,
    `rss ${(rss / MB).toFixed(0)} MB`,
    `${((performance.now() - started) / 1000).toFixed(0)} s`,
  ];
  console.log(`  ${columns.map((column) => column.padStart(15)).join('')}`);
}

function verdict(
  heaps: readonly number[],
  { passed, lost, refused }: { passed: number; lost: number; refused: number },
): true | undefined {
  const third = Math.floor(heaps.length / 3);
  const middle = Math.max(...heaps.slice(third, 2 * third));
  const last = Math.max(...heaps.slice(2 * third));
  const growth = last / middle;
  const levels = growth <= MAX_GROWTH;
  const kept = lost === 0 && passed >= 10;
  console.log(
    `  memory: the last third reaches ${growth.toFixed(2)}x the middle third, at most ${MAX_GROWTH}x  ${levels ? 'ok' : 'OVER'}`,
  );
  console.log(
    `  verifications kept: ${passed} passed, ${lost} lost  ${kept ? 'ok' : 'LOST'}; ${refused} were refused because the store was full`,
  );
  return levels && kept ? true : undefined;
}
