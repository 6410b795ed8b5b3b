/** One `name=value` of an element; a value with a colon must be quoted (RFC 7239, 4). */
const PAIR = /[\s;]*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))\s*(?:;|$)/gy;
/** A node with its port, which may be obfuscated like the node itself (RFC 7239, 6). */
const NODE = /^(?:\[([^\]]*)\]|([^:]*))(?::[\w.-]+)?$/;

/**
 * Reads the parameter `for` of an element of the `Forwarded` header (RFC 7239).
 *
 * @param list every value of the header, joined by commas
 * @param position of the element, counted from the right; the last one is 1
 * @returns the node without its brackets and port, which is an address, `unknown` or an obfuscated identifier; undefined
 *   when there is no such element, or it does not name exactly one node
 */
export function forwardedFor(list: string, position: number): string | undefined {
  const pairs = elementFromRight(list, position)?.matchAll(PAIR) ?? [];
  const nodes = [...pairs].filter(([, name]) => name?.toLowerCase() === 'for');
  const [node, ...others] = nodes.map(([, , quoted, token]) => quoted ?? token ?? '');
  if (node === undefined || others.length > 0) return undefined;
  const [, ipv6, other] = NODE.exec(node) ?? [];
  return (ipv6 ?? other ?? node) || undefined;
}

/** Reads from the right, where proxies add elements: a quote that a client leaves open does not hide them. */
function elementFromRight(list: string, position: number): string | undefined {
  let left = position;
  let end = list.length;
  let isQuoted = false;
  for (let index = list.length - 1; index >= 0; index -= 1) {
    if (list[index] === '"' && list[index - 1] !== '\\') isQuoted = !isQuoted;
    if (list[index] !== ',' || isQuoted) continue;
    left -= 1;
    if (left === 0) return list.slice(index + 1, end);
    end = index;
  }
  return left === 1 ? list.slice(0, end) : undefined;
}
