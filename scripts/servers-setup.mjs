import { ensureServers } from './ensure-servers.mjs';

/** Vitest's global set-up for the tests on real servers, which start them by name. */
export const setup = ensureServers;
