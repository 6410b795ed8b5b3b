import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** The bucket of every client whose address is missing or invalid, so that such clients are limited too. */
export const NO_ADDRESS = 'unknown';

/**
 * The bucket in which limits count a client address.
 *
 * @param address in any spelling; a port, brackets and an IPv6 zone are ignored
 * @returns an IPv4 address as it is, also when an IPv6 address embeds it (mapped, NAT64 or SIIT); the /64 of any other
 *   IPv6 address; `unknown` when there is no valid address
 */
export function addressBucket(address: string | undefined): string {
  const bare = stripPort(address ?? '');
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return NO_ADDRESS;
  const groups = toGroups(bare);
  return embeddedIPv4(groups) ?? `${groups.slice(0, 4).join(':')}${SUBNET}`;
}

/** The /48 of a bucket that is an IPv6 /64; undefined for every other bucket. */
export function siteOf(bucket: string): string | undefined {
  return bucket.endsWith(SUBNET) ? `${bucket.split(':').slice(0, 3).join(':')}::/48` : undefined;
}

/** The network of a client: its IPv4 address, or its IPv6 /48; undefined without an address. */
export function networkOf(bucket: string): string | undefined {
  return bucket === NO_ADDRESS ? undefined : (siteOf(bucket) ?? bucket);
}

const SUBNET = '::/64';

/** Whether a bucket holds addresses that no client on the internet has. */
export function isPrivateBucket(bucket: string): boolean {
  return bucket.endsWith(SUBNET)
    ? PRIVATE_IPV6.check(bucket.slice(0, -'/64'.length), 'ipv6')
    : isIPv4(bucket) && PRIVATE_IPV4.check(bucket);
}

const PRIVATE_IPV4 = new BlockList();
PRIVATE_IPV4.addSubnet('127.0.0.0', 8);
// RFC 1918
PRIVATE_IPV4.addSubnet('10.0.0.0', 8);
PRIVATE_IPV4.addSubnet('172.16.0.0', 12);
PRIVATE_IPV4.addSubnet('192.168.0.0', 16);
// RFC 3927: link-local
PRIVATE_IPV4.addSubnet('169.254.0.0', 16);
// RFC 6598: shared by the customers of a carrier or a cloud
PRIVATE_IPV4.addSubnet('100.64.0.0', 10);

// A list of its own: BlockList compares IPv4 addresses with IPv6 subnets too, as IPv4-mapped addresses.
const PRIVATE_IPV6 = new BlockList();
// Holds the loopback address ::1.
PRIVATE_IPV6.addSubnet('::', 64, 'ipv6');
// RFC 4193
PRIVATE_IPV6.addSubnet('fc00::', 7, 'ipv6');
// RFC 4291, 2.5.6: link-local
PRIVATE_IPV6.addSubnet('fe80::', 10, 'ipv6');

/** `[::1%eth0]:443` and `203.0.113.7:443` become the address alone. */
function stripPort(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1];
  const bare = bracketed ?? address.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  // A zone of Node's may have a colon too, and a URL has none.
  return bare.replace(/^([^%]*)%[\w.:~-]*$/, '$1');
}

/** The eight groups of a valid IPv6 address, without leading zeros. */
function toGroups(address: string): string[] {
  // A URL writes the address in lower-case hexadecimal digits, with `::` at most once (RFC 5952).
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::');
  const [left = [], right = []] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  return [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

/** The prefixes of 96 bits behind which an IPv4 address stands. */
const IPV4_PREFIXES: ReadonlySet<string> = new Set([
  // RFC 4291, 2.5.5.2: IPv4-mapped
  '0:0:0:0:0:ffff',
  // RFC 6052, 2.1: NAT64
  '64:ff9b:0:0:0:0',
  // RFC 2765, 2.1: SIIT
  '0:0:0:0:ffff:0',
]);

function embeddedIPv4(groups: readonly string[]): string | undefined {
  if (!IPV4_PREFIXES.has(groups.slice(0, 6).join(':'))) return undefined;
  return groups
    .slice(6)
    .flatMap((group) => {
      const bits = Number.parseInt(group, 16);
      return [bits >> 8, bits & 255];
    })
    .join('.');
}
