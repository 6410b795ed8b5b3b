import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type LambdaEvent, otpHandler } from '@otp/lambda';
import { GATEWAYS, type GatewayName } from '@otp/test/lambda';
import { compareInTurn, median, printTable } from './measure.js';
import { createBenchService, emailBody, phoneBody } from './service.js';

/** The function of the Lambda example, as it is deployed. */
const BUNDLE = fileURLToPath(
  new URL('../../examples/lambda/dist/function/index.cjs', import.meta.url),
);
const COLD_RUNS = 20;
const COLD_BUDGET_MS = 35;
const PASSES = { rounds: 15, calls: 2_000, warmUp: 5 };

export async function benchLambda(): Promise<void> {
  printColdStart();
  await benchAdapter();
}

/** From the start of a process to its first answer, above a process that does nothing. */
function printColdStart(): void {
  const programs = {
    'bare node': '',
    'first create by e-mail': coldProgram(emailBody(0)),
    'first create by phone': coldProgram(phoneBody(0)),
  };
  const samples = Object.entries(programs).map(([name, program]) => {
    return { name, program, wall: [] as number[], cpu: [] as number[] };
  });
  for (let run = 0; run < COLD_RUNS; run += 1) {
    for (const { program, wall, cpu } of samples) {
      const spent = runProgram(program);
      wall.push(spent.wall);
      cpu.push(spent.cpu);
    }
  }
  console.log(`\nLambda cold start, median of ${COLD_RUNS} in turn`);
  const [bare] = samples;
  for (const { name, wall, cpu } of samples) {
    const above = median(wall) - median(bare?.wall ?? []);
    const aboveCpu = median(cpu) - median(bare?.cpu ?? []);
    console.log(
      name === bare?.name
        ? `  ${name.padEnd(24)} ${median(wall).toFixed(1)} ms, CPU ${median(cpu).toFixed(1)} ms`
        : `  ${name.padEnd(24)} +${above.toFixed(1)} ms, CPU +${aboveCpu.toFixed(1)} ms  budget ${COLD_BUDGET_MS}`,
    );
  }
}

/** Lambda's runtime writes lines itself. Node would create a stream for stdout first, and load half of `net` for it. */
const CONSOLE_OF_LAMBDA = `
    console.log = (line) => require('node:fs').writeSync(1, line + '\\n');`;

function coldProgram(body: string): string {
  return `${CONSOLE_OF_LAMBDA}
    const { handler } = require(${JSON.stringify(BUNDLE)});
    const { statusCode } = await handler(${JSON.stringify(createEvent('HTTP API', body))});
    if (statusCode !== 204) process.exit(1);`;
}

/** Returns milliseconds. */
function runProgram(program: string): { wall: number; cpu: number } {
  const report = `
    const { user, system } = process.cpuUsage();
    process.stderr.write(String(user + system));
    process.exit(0);`;
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--eval', `(async () => {${program}${report}})()`],
    { env: { OTP_SECRET: randomBytes(32).toString('base64url') }, encoding: 'utf8' },
  );
  const wall = performance.now() - started;
  if (status !== 0) throw new Error(`The function has not answered 204: ${stderr}`);
  return { wall, cpu: Number(stderr) / 1000 };
}

function createEvent(name: GatewayName, body: string): LambdaEvent {
  const headers = [['content-type', 'application/json']] as const;
  return GATEWAYS[name].toEvent({ method: 'POST', path: '/', headers, body });
}

async function benchAdapter(): Promise<void> {
  const service = createBenchService({ dangerouslyDisableLimits: true });
  const handler = otpHandler(service);
  const events = new Map<GatewayName, LambdaEvent[]>();
  const eventOf = (name: GatewayName, index: number) => {
    // Created beforehand, because that is the work of the gateway.
    const made =
      events.get(name) ?? times(PASSES.calls, (each) => createEvent(name, emailBody(each)));
    events.set(name, made);
    return made[index % PASSES.calls] as LambdaEvent;
  };
  const invoke = async (name: GatewayName, index: number) => {
    const { statusCode } = await handler(eventOf(name, index));
    if (statusCode !== 204) throw new Error(`a create was answered ${statusCode}`);
  };
  const costs = await compareInTurn(
    [
      { name: 'core', run: (index) => createInCore(service, index % PASSES.calls) },
      {
        name: 'a bare handler: parse, 204',
        run: (index) => bareHandler(eventOf('HTTP API', index)),
      },
      { name: 'otpHandler, HTTP API', run: (index) => invoke('HTTP API', index) },
      { name: 'otpHandler, REST API', run: (index) => invoke('REST API', index) },
      { name: 'otpHandler, ALB', run: (index) => invoke('ALB', index) },
    ],
    PASSES,
  );
  printTable('Lambda, create by e-mail, limits off; to the same request given to core', costs);
}

function createInCore(service: ReturnType<typeof createBenchService>, index: number) {
  return service.handle({
    method: 'POST',
    path: '/',
    header: (name) => (name === 'content-type' ? ['application/json'] : []),
    body: emailBody(index),
    clientAddress: '203.0.113.7',
  });
}

async function bareHandler({ body }: LambdaEvent) {
  const { identifier } = JSON.parse(String(body));
  return { statusCode: identifier.value === '' ? 400 : 204, headers: {}, body: '' };
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
