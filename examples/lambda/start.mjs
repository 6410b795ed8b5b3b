// The runner, once there is a runtime client for it.
import { ensureLambdaRic } from '../../scripts/ensure-lambda-ric.mjs';

process.env.LAMBDA_RIC_PATH = ensureLambdaRic();
const local = new URL('dist/local/local.js', import.meta.url);
await import(local.href);
