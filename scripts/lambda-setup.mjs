import { ensureLambdaRic } from './ensure-lambda-ric.mjs';

/** Vitest's global set-up for the tests in Lambda's runtime, which read LAMBDA_RIC_PATH. */
export function setup() {
  process.env.LAMBDA_RIC_PATH = ensureLambdaRic();
}
