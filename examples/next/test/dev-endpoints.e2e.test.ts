import { getRaw } from '@otp/example-shared/testing/client';
import { testDevEndpoints } from '@otp/example-shared/testing/dev-suite';
import { describe, expect, test } from 'vitest';
import { program } from './demo.js';

testDevEndpoints(program);

const ENDPOINTS = [
  ['GET', '/dev/inbox'],
  ['POST', '/dev/challenge'],
] as const;

describe('behind a proxy on this machine', () => {
  const demo = program.useDemo();

  test.each(ENDPOINTS)('%s %s is not there for another machine', async (method, path) => {
    const headers = { 'x-forwarded-for': '203.0.113.7, 127.0.0.1' };
    expect((await getRaw(demo.url + path, headers, method)).status).toBe(404);
  });
});

describe('when the demo listens to other machines', () => {
  const demo = program.useDemo({ HOST: '::' });

  test.each(ENDPOINTS)('%s %s is not there', async (method, path) => {
    const { port } = new URL(demo.url);
    const url = `http://localhost:${port}${path}`;
    expect((await getRaw(url, {}, method)).status).toBe(404);
  });
});
