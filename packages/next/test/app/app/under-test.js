import { otpRoutes } from '@otp/next';
import { after } from 'next/server';

// The test that runs this app in its process needs the app's own `after`.
globalThis.nextAfter = after;

/** Passes on to what that test has mounted; see next-app.ts. */
const pass = (method) => (request, context) =>
  globalThis.routesUnderTest(otpRoutes)[method](request, context);

export const GET = pass('GET');
export const HEAD = pass('HEAD');
export const POST = pass('POST');
export const PUT = pass('PUT');
export const PATCH = pass('PATCH');
export const DELETE = pass('DELETE');
export const OPTIONS = pass('OPTIONS');
