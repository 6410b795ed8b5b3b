// `pnpm decoys [samples]`: whether response times separate a blocked recipient, who gets a decoy, from any other. 10,000
// samples of each kind by default, in turn, through core with the memory store.
import { createMemoryStore, createOtpService, generateKeys, type OtpService } from '@otp/core';

const SAMPLES = Number(process.argv[2] ?? 10_000);
const WARM_UP = 1_000;
/** Bounds on the chance that a decoy is slower than another response; one half means that time shows nothing. */
const [LEAST, MOST] = [0.45, 0.55];
const KINDS = ['known', 'unknown', 'blocked'] as const;
type Kind = (typeof KINDS)[number];

interface Times {
  readonly create: number[];
  readonly check: number[];
}

function createService(): OtpService {
  const unlimited = [{ max: 1_000_000_000, windowSeconds: 3600 }];
  const sender = { send: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  return createOtpService({
    appId: 'decoys',
    issuer: 'https://decoys.example',
    ...generateKeys(),
    store: createMemoryStore({ maxVerifications: 5_000_000, maxLimits: 50_000_000 }),
    channels: { email: { sender }, sms: { sender, countries: 'ALL' } },
    guard: ({ identifier }) => (identifier.value.startsWith('+336990') ? 'block' : 'allow'),
    onBlock: 'silent',
    waitUntil: () => {},
    onEvent: (event) => void JSON.stringify(event),
    retryIntervalSeconds: 0,
    limits: {
      standalone: {
        recipient: unlimited,
        recipientShare: unlimited,
        clientAddress: unlimited,
      },
      numberPrefix: unlimited,
      numberPrefixShare: unlimited,
      app: unlimited,
    },
  });
}

/** A known number has had a verification before. */
function numberFor(kind: Kind, index: number): string {
  const digits = String(index).padStart(5, '0');
  return kind === 'blocked'
    ? `+336990${digits}`
    : `+336${kind === 'known' ? '110' : '120'}${digits}`;
}

function post(service: OtpService, path: string, body: object, cookie?: string) {
  const fields = new Map([['content-type', 'application/json']]);
  if (cookie !== undefined) fields.set('cookie', cookie);
  return service.handle({
    method: 'POST',
    path,
    header: (name) => [fields.get(name) ?? []].flat(),
    body: JSON.stringify(body),
    clientAddress: '203.0.113.7',
  });
}

const create = (service: OtpService, value: string) =>
  post(service, '/', { identifier: { type: 'phone_number', value } });

/** A create and a wrong code. Returns both responses as a client sees them. */
async function sample(service: OtpService, value: string, times: Times): Promise<string> {
  const started = process.hrtime.bigint();
  const created = await create(service, value);
  const opened = process.hrtime.bigint();
  // Work behind the response must not count for the next sample.
  await nextTurn();
  const cookie = created.headers.find(([name]) => name === 'set-cookie')?.[1].split(';')[0];
  const before = process.hrtime.bigint();
  const checked = await post(service, '/check', { code: '0000000' }, cookie);
  const after = process.hrtime.bigint();
  times.create.push(Number(opened - started));
  times.check.push(Number(after - before));
  await nextTurn();
  return JSON.stringify([created, checked]).replace(/=[\w-]{43};/, '=…;');
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** The chance that one of `a` is above one of `b`, ties by half (Mann-Whitney). */
function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((time) => ({ time, of: 1 })), ...b.map((time) => ({ time, of: 0 }))];
  all.sort((one, two) => one.time - two.time);
  let ranks = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.time === all[from]?.time) to += 1;
    const ofA = all.slice(from, to).filter(({ of }) => of === 1).length;
    ranks += (ofA * (from + 1 + to)) / 2;
    from = to;
  }
  return (ranks - (a.length * (a.length + 1)) / 2) / (a.length * b.length);
}

async function run(): Promise<boolean> {
  const service = createService();
  const taken = new Map(KINDS.map((kind) => [kind, { create: [], check: [] } as Times]));
  const shapes = new Set<string>();
  for (let index = 0; index < SAMPLES + WARM_UP; index += 1) {
    await create(service, numberFor('known', index));
  }
  for (let index = 0; index < SAMPLES + WARM_UP; index += 1) {
    // The order rotates, because the first sample pays for garbage of the previous one.
    for (const turn of KINDS.keys()) {
      const kind = KINDS[(turn + index) % KINDS.length] ?? 'known';
      const times = taken.get(kind);
      if (times === undefined) throw new Error(kind);
      const unwarmed = { create: [], check: [] };
      const value = numberFor(kind, index);
      shapes.add(await sample(service, value, index < WARM_UP ? unwarmed : times));
    }
  }
  await service.close();
  console.log(`\ndecoys, ${SAMPLES} samples of each kind; kinds of answers: ${shapes.size}`);
  const passed = (['create', 'check'] as const).flatMap((step) =>
    (['known', 'unknown'] as const).map((kind) => {
      const [blocked, other] = [taken.get('blocked')?.[step], taken.get(kind)?.[step]];
      const area = areaUnderCurve(blocked ?? [], other ?? []);
      const isEven = area >= LEAST && area <= MOST;
      const verdict = isEven ? 'ok' : 'TELLS';
      console.log(`  ${step}: blocked to ${kind}  AUC ${area.toFixed(3)}  ${verdict}`);
      return isEven;
    }),
  );
  return shapes.size === 1 && passed.every((each) => each);
}

if (!(await run())) process.exitCode = 1;
