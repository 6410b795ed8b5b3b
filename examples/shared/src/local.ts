/** Whether a socket's address is of this machine. */
export function isLocalAddress(text = ''): boolean {
  const address = text.replace(/^::ffff:/, '');
  return address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/** By `Host`, which a page on another name that was made to resolve to this machine cannot change. */
export function isLocalHost(host = ''): boolean {
  return LOCAL_HOST.test(host);
}
