import type { OtpService } from '@otp/core';
import { compareInTurn, printTable } from './measure.js';
import { createBenchService, emailBody, phoneBody, stepUpBodies } from './service.js';

// A server is warm: compilation goes on for some 50,000 calls, and counts as CPU time too.
const PASSES = { rounds: 15, calls: 2_000, warmUp: 25 };

function post(service: OtpService, body: string) {
  const fields: Readonly<Record<string, string[]>> = {
    'content-type': ['application/json'],
    'content-length': [String(body.length)],
  };
  const header = (name: string) => fields[name] ?? [];
  const clientAddress = '203.0.113.7';
  return service.handle({ method: 'POST', path: '/', header, body, clientAddress });
}

async function create(service: OtpService, body: string): Promise<void> {
  const { status } = await post(service, body);
  if (status !== 204) throw new Error(`a create was answered ${status}`);
}

export async function benchCore(): Promise<void> {
  const service = createBenchService();
  const unlimited = createBenchService({ dangerouslyDisableLimits: true });
  const { rounds, calls, warmUp } = PASSES;
  const bodies = await stepUpBodies(service, (rounds + warmUp) * calls);
  const costs = await compareInTurn(
    [
      { name: 'create by e-mail', run: (index) => create(service, emailBody(index)) },
      { name: 'create by phone', run: (index) => create(service, phoneBody(index)) },
      { name: 'step-up create', run: (index) => create(service, bodies[index] ?? '') },
      { name: 'create by e-mail, limits off', run: (index) => create(unlimited, emailBody(index)) },
      { name: 'create by phone, limits off', run: (index) => create(unlimited, phoneBody(index)) },
    ],
    PASSES,
  );
  printTable('core, memory store; to a create by e-mail', costs);
}
