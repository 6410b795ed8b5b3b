import { adapterCases } from '@otp/testing';
import { describe, test } from 'vitest';
import { FASTIFY, fastifyAdapter } from './fastify-app.js';

const cases = adapterCases.map((each) => [each.name, each] as const);

describe.each(Object.entries(FASTIFY))('%s', (_, create) => {
  test.each(cases)('%s', (_title, { run }) => run(fastifyAdapter(create)));
});
