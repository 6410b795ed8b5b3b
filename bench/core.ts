import type { OtpService } from '@otp/core';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { compareInTurn, printTable } from './measure.js';
import { sealAlone } from './seal.js';
import { createBenchService, emailBody, phoneBody, stepUpBodies } from './service.js';

// A server is warm: it takes some 50,000 calls until nothing is compiled any more, and that counts as CPU time, too.
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
  const results = await compareInTurn(
    [
      { name: 'seal', run: (index) => sealAlone(`user${index}@example.com`) },
      { name: 'email', run: (index) => create(service, emailBody(index)) },
      { name: 'phone', run: (index) => create(service, phoneBody(index)) },
      { name: 'email, no limits', run: (index) => create(unlimited, emailBody(index)) },
      { name: 'phone, no limits', run: (index) => create(unlimited, phoneBody(index)) },
    ],
    PASSES,
  );
  const row = (name: string) => results.get(name) ?? { micros: Number.NaN, ratio: Number.NaN };
  // 25 and 35 µs where sealing alone took 14; policy may add a fifth, see docs/decisions/0029.
  printTable('core, memory store; to token, code and sealed recipient alone', [
    { work: 'token, code and sealed recipient alone', ...row('seal') },
    { work: 'create by e-mail', ...row('email'), budget: (1.2 * 25) / 14 },
    { work: 'create by phone', ...row('phone'), budget: (1.2 * 35) / 14 },
    { work: 'create by e-mail, limits off', ...row('email, no limits'), budget: 25 / 14 },
    { work: 'create by phone, limits off', ...row('phone, no limits'), budget: 35 / 14 },
  ]);
  await benchStepUp();
}

async function benchStepUp(): Promise<void> {
  const service = createBenchService();
  const passes = { rounds: 11, calls: 500, warmUp: 20 };
  const bodies = await stepUpBodies(service, (passes.rounds + passes.warmUp) * passes.calls);
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const jwks = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k' }] });
  const jwt = await new SignJWT({ challenge_id: 'c', current_step: 'verify_email' })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
    .setIssuer('i')
    .setAudience('bench')
    .setExpirationTime('1h')
    .sign(privateKey);
  const results = await compareInTurn(
    [
      { name: 'jose', run: () => jwtVerify(jwt, jwks, { issuer: 'i', audience: 'bench' }) },
      { name: 'create', run: (index) => create(service, bodies[index] ?? '') },
    ],
    passes,
  );
  const row = (name: string) => results.get(name) ?? { micros: Number.NaN, ratio: Number.NaN };
  printTable('core, step-up; to jose.jwtVerify with a local JWKS', [
    { work: 'jose.jwtVerify', ...row('jose') },
    { work: 'step-up create', ...row('create'), budget: 1.25 },
  ]);
}
