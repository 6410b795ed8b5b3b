import { Cluster, type Redis } from 'ioredis';

/** Reads every key and its value from every master. */
export async function dump(client: Redis | Cluster): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  for (const server of servers) {
    for await (const keys of server.scanBufferStream({ count: 1_000 })) {
      parts.push(...keys, ...(await valuesOf(server, keys)));
    }
  }
  return Buffer.concat(parts);
}

async function valuesOf(server: Redis, keys: readonly Buffer[]): Promise<Buffer[]> {
  const values = await Promise.all(keys.map((key) => server.dumpBuffer(key)));
  // A key that has expired meanwhile has no value.
  return values.filter((value) => value !== null);
}
