// The demo as `npm start` makes it; tests that run it find it made.
import { prepareDemo } from './lib/demo.mjs';

await prepareDemo();
