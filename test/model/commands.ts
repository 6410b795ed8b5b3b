import fc from 'fast-check';
import { Act, type Command } from './act.js';
import { retired, rotated } from './key-pool.js';
import { type Ask, CLIENTS, type Model, phoneOf, STRANGER } from './plan.js';
import type { SenderEnd } from './rules.js';
import type { System } from './system.js';

const CHALLENGE_SECONDS = 1_800;

/** An event outside the requests. */
class Change implements Command {
  readonly #title: string;
  readonly #apply: (model: Model, system: System) => void;

  constructor(title: string, apply: (model: Model, system: System) => void) {
    this.#title = title;
    this.#apply = apply;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, system: System): Promise<void> {
    this.#apply(model, system);
  }

  toString(): string {
    return this.#title;
  }
}

/** Sequences that rarely occur by chance. */
class InOrder implements Command {
  readonly #commands: readonly Command[];

  constructor(commands: readonly Command[]) {
    this.#commands = commands;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, system: System): Promise<void> {
    for (const command of this.#commands) await command.run(model, system);
  }

  toString(): string {
    return this.#commands.join(', then ');
  }
}

/** Mostly shorter than the life of a verification. */
const seconds = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0.001, 1, 29.999, 30, 30, 60, 120, 240) },
  { weight: 1, arbitrary: fc.constantFrom(299, 301, 599.999, 600, 1_800, 3_600, 86_400) },
);
const wait = seconds.map(waitFor);

function waitFor(each: number): Command {
  return new Change(`wait ${each} s`, (_, { clock }) => clock.advance(each));
}

function issueTo(user: number, phone = phoneOf(user)): Command {
  return new Change(`issue a challenge to user ${user} with ${phone}`, ({ book }, system) => {
    const name = `challenge ${book.challenges.length}`;
    book.challenges.push(system.issue(name, `user-${user}`, phone, CHALLENGE_SECONDS));
  });
}

const number = fc.nat({ max: 1 });
/** Two users, each with the own number or that of the other. */
const issue = fc.tuple(number, number).map(([user, phone]) => issueTo(user, phoneOf(phone)));

const changeKeys = fc
  .record({
    which: fc.constantFrom('secrets' as const, 'signingKeys' as const),
    isRetired: fc.nat({ max: 3 }).map((n) => n === 0),
  })
  .map(
    ({ which, isRetired }) =>
      new Change(`${isRetired ? 'retire' : 'rotate'} ${which}`, ({ book }, system) => {
        book[which] = isRetired ? retired(book[which]) : rotated(book[which]);
        system.restart(book.secrets, book.signingKeys);
      }),
  );

const address = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  fc.nat({ max: CLIENTS.length - 1 }),
);
/** Mostly the newest. */
const place = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 3 }));

function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const create = fc.record({
  ask: fc.constant('create' as const),
  recipient: fc.nat({ max: STRANGER }),
  address,
});
const stepUp = fc.record({
  ask: fc.constant('step-up' as const),
  challenge: place,
  address,
  beside: mostly<'none' | 'own' | 'another'>('none', 'own', 'another'),
});
const retry = fc.record({ ask: fc.constant('retry' as const), of: place });
const check = fc.record({
  ask: fc.constant('check' as const),
  of: place,
  cookie: mostly<'own' | 'none' | 'unknown'>('own', 'none', 'unknown'),
  code: mostly<'right' | 'wrong' | 'of another'>('right', 'wrong', 'of another', 'wrong', 'wrong'),
  shown: mostly<'own' | 'none' | 'another'>('own', 'none', 'another'),
});
const wrongCheck = check.map((each) => ({ ...each, code: 'wrong' as const }));
const consume = fc.record({
  ask: fc.constant('consume' as const),
  of: place,
  by: mostly<'right' | 'wrong'>('right', 'wrong'),
});

const sender = mostly<SenderEnd>('works', 'unavailable', 'throws', 'rejected', 'unknown', 'hangs');
const verdict = fc.oneof(
  { weight: 4, arbitrary: fc.constant('allow' as const) },
  { weight: 1, arbitrary: fc.constant('block' as const) },
);
const fault = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.nat({ max: 6 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
);

function alone(ask: fc.Arbitrary<Ask>, times: fc.Arbitrary<number>): fc.Arbitrary<Command> {
  return fc
    .record({ asks: ask.map((each) => [each]), sender, verdict, fault, times })
    .map((act) => new Act(act));
}

const once = fc.constant(1);
/** One act in which nothing fails. */
const FAIR = { sender: 'works', verdict: 'allow', fault: undefined, times: 1 } as const;
const flood = create.map((each) => ({ ...each, recipient: STRANGER }));
const anyAsk = fc.oneof(create, stepUp, retry, check, wrongCheck, consume);

/** Creates and wrong codes of one user, in several verifications of one or more challenges. */
const guesses = fc
  .record({
    challenges: fc.constantFrom(1, 1, 1, 1, 1, 5),
    creates: fc.constantFrom(1, 1, 2, 6),
    wrong: fc.constantFrom(0, 1, 3, 5),
  })
  .map(({ challenges, creates, wrong }) => {
    const open = new Act({
      asks: [{ ask: 'step-up', challenge: 0, address: 0, beside: 'none' }],
      ...FAIR,
    });
    const guess = new Act({ asks: [WRONG], ...FAIR, times: wrong });
    const interval = waitFor(240);
    const one = Array.from({ length: creates }, () => [open, guess, interval]).flat();
    const all = Array.from({ length: challenges }, () => [issueTo(0), ...one]).flat();
    return new InOrder(all);
  });
const WRONG: Ask = { ask: 'check', of: 0, cookie: 'own', code: 'wrong', shown: 'own' };

/** Wrong codes for one recipient in verifications that follow one another, some with the right code at the end. */
const failures = fc
  .array(fc.record({ wrong: fc.constantFrom(0, 2, 4), isRight: fc.boolean() }), {
    minLength: 2,
    maxLength: 4,
  })
  .map((verifications) => {
    const open = new Act({
      asks: [{ ask: 'create', recipient: 0, address: 0 }],
      ...FAIR,
    });
    const one = verifications.flatMap(({ wrong, isRight }) => [
      open,
      new Act({ asks: [WRONG], ...FAIR, times: wrong }),
      new Act({ asks: [{ ...WRONG, code: 'right' }], ...FAIR, times: isRight ? 1 : 0 }),
      waitFor(600),
    ]);
    return new InOrder(one);
  });

/** More successes than are given back, then creates until one is refused. */
const successes = fc
  .record({ count: fc.constantFrom(1, 2, 4, 12), address, wait: fc.constantFrom(30, 240, 600) })
  .map(({ count, address, wait: gap }) => {
    const open = new Act({ asks: [{ ask: 'create', recipient: 0, address }], ...FAIR });
    const succeed = new Act({ asks: [{ ...WRONG, code: 'right' }], ...FAIR });
    const one = [open, succeed, waitFor(gap)];
    const creates = Array.from({ length: 4 }, () => [open, waitFor(gap)]);
    return new InOrder([...Array.from({ length: count }, () => one), ...creates].flat());
  });

/** A success whose client has had a new window since the create; then creates until one is refused. */
const lateSuccess = fc
  .record({ address, gap: fc.constantFrom(60, 299, 301, 599) })
  .map(({ address, gap }) => {
    const create = (recipient: number, times: number) =>
      new Act({ asks: [{ ask: 'create', recipient, address }], ...FAIR, times });
    const succeed = new Act({ asks: [{ ...WRONG, of: 1, code: 'right' }], ...FAIR });
    return new InOrder([create(0, 1), waitFor(gap), create(3, 1), succeed, create(STRANGER, 6)]);
  });

/** A success after the windows of its client have ended, nine or ten more, and creates until one is refused. */
const successAfterWindows = fc
  .record({ others: fc.nat({ max: 4 }), more: fc.constantFrom(9, 10) })
  .map(({ others, more }) => {
    const create = (address: number, times: number) =>
      new Act({ asks: [{ ask: 'create', recipient: STRANGER, address }], ...FAIR, times });
    const succeed = new Act({ asks: [{ ...WRONG, code: 'right' }], ...FAIR });
    const late = [
      create(0, 1),
      create(3, others),
      waitFor(1_790),
      create(0, 1),
      waitFor(310),
      succeed,
    ];
    const rest = Array.from({ length: more }, () => [create(0, 1), succeed]).flat();
    return new InOrder([...late, ...rest, create(0, 6)]);
  });

/** Creates from the two networks of a site, until one is refused. */
const neighbours = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })).map((counts) => {
  const creates = counts.map(
    (times, n) =>
      new Act({
        asks: [{ ask: 'create', recipient: STRANGER, address: n + 1 }],
        ...FAIR,
        times,
      }),
  );
  return new InOrder(creates);
});

/** Creates for two numbers of one prefix, some of which fail to send. */
const prefix = fc
  .array(
    fc.record({
      recipient: fc.constantFrom(STRANGER - 2, STRANGER - 1),
      address,
      sender: mostly<SenderEnd>('works', 'unavailable'),
    }),
    { minLength: 3, maxLength: 5 },
  )
  .map((creates) => {
    const acts = creates.flatMap(({ sender, ...create }) => [
      new Act({ asks: [{ ask: 'create', ...create }], ...FAIR, sender }),
      waitFor(60),
    ]);
    return new InOrder(acts);
  });

/** Wrong codes of one user for one number, with a success for another number in between. */
const twoNumbers = fc.constantFrom(0, 1).map((between) => {
  const open = new Act({
    asks: [{ ask: 'step-up', challenge: 0, address: 0, beside: 'none' }],
    ...FAIR,
  });
  const wrong = [issueTo(0, phoneOf(1)), open, new Act({ asks: [WRONG], ...FAIR, times: 2 })];
  const right = new Act({ asks: [{ ...WRONG, code: 'right' }], ...FAIR, times: between });
  const rest = waitFor(3_600);
  const other = [issueTo(0), open, right];
  const last = [issueTo(0, phoneOf(1)), open, issueTo(0), open];
  return new InOrder([...wrong, rest, ...other, rest, ...wrong, rest, ...last]);
});

/** All sends of a verification and one more, each as early as allowed, or one slightly too early. */
const retries = fc.nat({ max: 4 }).map((early) => {
  const open = new Act({ asks: [{ ask: 'create', recipient: STRANGER, address: 0 }], ...FAIR });
  const again = new Act({ asks: [{ ask: 'retry', of: 0 }], ...FAIR });
  const gaps = [30, 60, 120, 240].map((gap, n) => (n === early ? gap - 0.001 : gap));
  return new InOrder([open, ...gaps.flatMap((gap) => [waitFor(gap), again]), again]);
});

/** The same request twice at once, or two requests. */
const pair = fc.oneof(
  fc.oneof(create, stepUp, retry, check, consume).map((ask): Ask[] => [ask, ask]),
  fc.tuple(check, wrongCheck).map(([right, wrong]): Ask[] => [right, { ...wrong, of: right.of }]),
  fc
    .tuple(check, retry)
    .map(([checked, retried]): Ask[] => [checked, { ...retried, of: checked.of }]),
  fc.tuple(anyAsk, anyAsk),
);
/** No port hangs, since both requests would share its time limit. */
const racingSender = sender.map((end) => (end === 'hangs' ? 'unknown' : end));
const race: fc.Arbitrary<Command> = fc
  .record({ asks: pair, sender: racingSender, verdict, fault, times: once })
  .map((act) => new Act(act));

/** The possible commands; those that occur more often are listed more often. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  alone(create, once),
  alone(create, once),
  issue,
  alone(stepUp, once),
  alone(stepUp, once),
  alone(stepUp, once),
  alone(retry, once),
  alone(retry, once),
  alone(retry, once),
  alone(check, once),
  alone(check, once),
  alone(wrongCheck, fc.integer({ min: 1, max: 5 })),
  alone(wrongCheck, fc.integer({ min: 1, max: 5 })),
  alone(consume, once),
  alone(flood, fc.constantFrom(1, 4, 31)),
  wait,
  wait,
  wait,
  wait,
  changeKeys,
  guesses,
  failures,
  successes,
  lateSuccess,
  successAfterWindows,
  neighbours,
  prefix,
  twoNumbers,
  retries,
  race,
  race,
];
