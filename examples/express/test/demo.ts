import { fileURLToPath } from 'node:url';
import { demoProgram } from '@otp/example-shared/testing/demo';

export const program = demoProgram({
  command: 'npm',
  args: ['start'],
  cwd: fileURLToPath(new URL('../../..', import.meta.url)),
});
export const { startDemo, runDemo, useDemo } = program;
