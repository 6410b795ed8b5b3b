/** The bucket of what is no address. */
export const NO_ADDRESS = 'unknown';

/**
 * What a client address counts as: an IPv4 address as it is, an IPv6 address as its /64, an IPv4-mapped
 * one as IPv4; ports, brackets, zones and case do not matter. What is no address at all shares one
 * bucket, so that a missing address is a limit too and never none.
 */
export function addressBucket(address: string | undefined): string {
  if (address === undefined) return NO_ADDRESS;
  if (isIPv4(address)) return address;
  const bare = stripPort(address);
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return NO_ADDRESS;
  const groups = expandIPv6(bare);
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The /48 of a bucket that is an IPv6 /64; undefined for every other bucket. */
export function networkOf(bucket: string): string | undefined {
  if (!bucket.endsWith(SUBNET)) return undefined;
  return `${bucket.slice(0, bucket.lastIndexOf(':', bucket.length - SUBNET.length - 1))}::/48`;
}

const SUBNET = '::/64';

/**
 * Whether a bucket holds addresses that no client on the internet has: loopback, link-local, private (RFC 1918,
 * RFC 4193) and what carriers and clouds share (RFC 6598).
 */
export function isPrivateBucket(bucket: string): boolean {
  return PRIVATE.test(bucket);
}

const PRIVATE =
  /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0:0:0:0::|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/;

const IPV4 = /^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;

/** Not `node:net`: it brings all of TCP, which a cold start would load for these two questions. */
function isIPv4(text: string): boolean {
  return IPV4.test(text);
}

/** The host of a URL is parsed as RFC 4291, 2.2 says (https://url.spec.whatwg.org/#concept-ipv6-parser). */
function isIPv6(text: string): boolean {
  return /^[0-9a-f:.]{2,45}$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** `[::1%eth0]:443` and `203.0.113.7:443` become the address alone. */
function stripPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const bare = bracketed ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  return bare.replace(/%.*$/, '');
}

/** The eight groups of a valid IPv6 address (RFC 4291, 2.2). */
function expandIPv6(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((n) => n.toString(16)).join(':'),
  );
  const [head = '', tail] = hex.split('::');
  const toGroups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const left = toGroups(head);
  if (tail === undefined) return left;
  const right = toGroups(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}
