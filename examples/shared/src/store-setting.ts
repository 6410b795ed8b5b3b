import { SettingError } from './setting-error.js';

/** `OTP_STORE`, taken apart. */
export type StoreSetting =
  | { readonly kind: 'memory' }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | {
      readonly kind: 'redis-cluster';
      readonly nodes: readonly { readonly host: string; readonly port: number }[];
    }
  | {
      readonly kind: 'dynamodb';
      readonly region: string;
      readonly table: string;
      readonly endpoint: string | undefined;
    };

const ALLOWED =
  'OTP_STORE must be memory:, redis://…, redis+cluster://host:port,host:port, postgres://… or dynamodb://region/table?endpoint=….';

/** @throws SettingError when it is none of the five kinds; the message repeats nothing, for a URL may hold a password. */
export function readStoreSetting(text = ''): StoreSetting {
  if (text === '' || text === 'memory:') return { kind: 'memory' };
  const cluster = /^redis\+cluster:\/\/(.+)$/.exec(text)?.[1];
  if (cluster !== undefined)
    return { kind: 'redis-cluster', nodes: cluster.split(',').map(readNode) };
  if (!URL.canParse(text)) throw new SettingError(ALLOWED);
  const url = new URL(text);
  switch (url.protocol) {
    case 'redis:':
    case 'rediss:':
      return { kind: 'redis', url: text };
    case 'postgres:':
    case 'postgresql:':
      return { kind: 'postgres', url: text };
    case 'dynamodb:':
      return readDynamo(url);
    default:
      throw new SettingError(ALLOWED);
  }
}

function readNode(text: string) {
  const [, host, port] = /^([^:/@\s]+):(\d{1,5})$/.exec(text.trim()) ?? [];
  if (host === undefined) throw new SettingError(ALLOWED);
  return { host, port: Number(port) };
}

function readDynamo({ hostname, pathname, searchParams }: URL): StoreSetting {
  const table = pathname.slice(1);
  const endpoint = searchParams.get('endpoint') ?? undefined;
  const isTable = /^[A-Za-z0-9_.-]{3,255}$/.test(table);
  if (hostname === '' || !isTable || (endpoint !== undefined && !URL.canParse(endpoint))) {
    throw new SettingError(ALLOWED);
  }
  return { kind: 'dynamodb', region: hostname, table, endpoint };
}
