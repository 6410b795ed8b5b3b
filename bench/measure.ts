import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** CPU time of this process for one call, in microseconds, over `calls` calls. */
export async function cpuPerCall(
  calls: number,
  run: (index: number) => unknown,
  offset = 0,
): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < calls; index += 1) await run(offset + index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** Memory after a full collection. */
export function collectGarbage(): NodeJS.MemoryUsage {
  if (globalThis.gc === undefined) throw new Error('run node with --expose-gc');
  globalThis.gc();
  return process.memoryUsage();
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export interface Contender {
  readonly name: string;
  readonly run: (index: number) => unknown;
}

export interface Cost {
  readonly micros: number;
  /** To the first contender of the same round. */
  readonly ratio: number;
}

/** Each contender called `calls` times in its turn, in this process. */
export function compareInTurn(
  contenders: readonly Contender[],
  { rounds, calls, warmUp }: { rounds: number; calls: number; warmUp: number },
): Promise<Map<string, Cost>> {
  return compareCosts(
    contenders.map(({ name, run }) => ({
      name,
      cost: (round) => cpuPerCall(calls, run, round * calls),
    })),
    { rounds, warmUp },
  );
}

/**
 * Lets all contenders run in turn, round after round, and compares each with the first one of the same
 * round, so that a machine that slows down slows both sides. The first rounds only warm up.
 */
export async function compareCosts(
  contenders: readonly {
    readonly name: string;
    /** Microseconds for one piece of its work. */
    readonly cost: (round: number) => Promise<number>;
  }[],
  { rounds, warmUp }: { rounds: number; warmUp: number },
): Promise<Map<string, Cost>> {
  const micros = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const ratios = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < warmUp + rounds; round += 1) {
    // The order rotates, because a contender pays for the garbage of the previous one.
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]);
    const costs = new Map<string, number>();
    for (const contender of order) {
      if (contender !== undefined) costs.set(contender.name, await contender.cost(round));
    }
    if (round < warmUp) continue;
    const reference = costs.get(contenders[0]?.name ?? '') ?? Number.NaN;
    for (const [name, cost] of costs) {
      micros.get(name)?.push(cost);
      ratios.get(name)?.push(cost / reference);
    }
  }
  return new Map(
    contenders.map(({ name }) => [
      name,
      { micros: median(micros.get(name) ?? []), ratio: median(ratios.get(name) ?? []) },
    ]),
  );
}

/** Prints costs in the order in which they were measured. `budgets` has the greatest ratio by name. */
export function printTable(
  title: string,
  costs: ReadonlyMap<string, Cost>,
  budgets: Readonly<Record<string, number>> = {},
): void {
  console.log(`\n${title}`);
  for (const [name, { micros, ratio }] of costs) {
    const budget = budgets[name];
    const verdict =
      budget === undefined
        ? ''
        : `  budget ${budget.toFixed(2)}x  ${ratio <= budget ? 'ok' : 'OVER'}`;
    console.log(
      `  ${name.padEnd(44)} ${micros.toFixed(1).padStart(7)} µs  ${ratio.toFixed(2)}x${verdict}`,
    );
  }
}

/** Keeps a run beside the sources, as `bench/NAME.json`: `pnpm plot` draws it. */
export function saveCosts(name: string, costs: ReadonlyMap<string, Cost>): void {
  const run = {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cores: cpus().length,
    costs: Object.fromEntries(costs),
  };
  writeFileSync(new URL(`../${name}.json`, import.meta.url), `${JSON.stringify(run, null, 2)}\n`);
}
