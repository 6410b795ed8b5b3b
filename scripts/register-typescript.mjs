// For `node --import`: child processes of tests run our packages from source, as vitest does.
import { register } from 'node:module';

register('./lib/typescript-hooks.mjs', import.meta.url);
