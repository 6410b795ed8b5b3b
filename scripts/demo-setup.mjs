import { prepareDemo } from './lib/demo.mjs';

/** Vitest's global set-up for tests that run `npm start`: two at once would both build, and clear what the other runs. */
export async function setup() {
  await prepareDemo();
}
