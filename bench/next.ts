import { otpRoutes } from '@otp/next';
import { compareInTurn, printTable } from './measure.js';
import { createBenchService, emailBody } from './service.js';

const PASSES = { rounds: 15, calls: 2_000, warmUp: 5 };
const MOUNT = 'https://bench.example/v1/session/otp';

export async function benchNext(): Promise<void> {
  const service = createBenchService({ dangerouslyDisableLimits: true });
  const { POST } = otpRoutes(service);
  const costs = await compareInTurn(
    [
      {
        name: 'a bare handler: parse, 204',
        run: (index) => expect204(bareHandler(createRequest(index))),
      },
      { name: 'otpRoutes', run: (index) => expect204(POST(createRequest(index))) },
      { name: 'the same request given to core', run: (index) => createInCore(service, index) },
    ],
    PASSES,
  );
  printTable('Next, create by e-mail, limits off; to a bare route handler', costs);
}

/** Next creates one for an incoming request; it costs both handlers the same. */
function createRequest(index: number): Request {
  const headers = { 'content-type': 'application/json' };
  return new Request(MOUNT, { method: 'POST', headers, body: emailBody(index % PASSES.calls) });
}

async function bareHandler(request: Request): Promise<Response> {
  const { identifier } = JSON.parse(await request.text());
  return new Response(null, { status: identifier.value === '' ? 400 : 204 });
}

async function expect204(answer: Promise<Response>): Promise<void> {
  const { status } = await answer;
  if (status !== 204) throw new Error(`a create was answered ${status}`);
}

function createInCore(service: ReturnType<typeof createBenchService>, index: number) {
  return service.handle({
    method: 'POST',
    path: '/',
    header: (name) => (name === 'content-type' ? ['application/json'] : []),
    body: emailBody(index % PASSES.calls),
    clientAddress: undefined,
  });
}
