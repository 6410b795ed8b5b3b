import {
  type ProvidedServer,
  providePostgres,
  provideRedis,
  provideRedisCluster,
} from './provide.js';

type Provide = () => Promise<ProvidedServer>;

/** What more than one file of a package's tests asks for. The emulator of DynamoDB has one thread: each file keeps its own. */
const SHARED: Readonly<Record<string, readonly (readonly [variable: string, Provide])[]>> = {
  'store-redis': [
    ['OTP_TEST_REDIS_URL', provideRedis],
    ['OTP_TEST_REDIS_CLUSTER_URL', provideRedisCluster],
  ],
  'store-postgres': [['OTP_TEST_POSTGRES_URL', providePostgres]],
};

/** Vitest's global set-up: the files of a project find one server in the environment, instead of starting one each. */
export async function setup({ name }: { readonly name: string }): Promise<() => Promise<void>> {
  const servers = await Promise.all(
    (SHARED[name] ?? []).map(async ([variable, provide]) => {
      const server = await provide();
      process.env[variable] = server.url;
      return server;
    }),
  );
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}
