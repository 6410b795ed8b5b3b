import { fileURLToPath } from 'node:url';
import { demoProgram } from '@otp/example-shared/testing/demo';

/** The runner that `pnpm run build` has built. */
export const program = demoProgram({
  command: process.execPath,
  args: ['start.mjs'],
  cwd: fileURLToPath(new URL('..', import.meta.url)),
});
