import { type Demo, isLocalAddress, isLocalHost } from '@otp/example-shared';

/**
 * Whether a request may reach what is for the developer at this machine. Next shows no socket to a route, so
 * the app has to listen on this machine alone; a proxy on it would add to the field that Next otherwise
 * fills in from the socket.
 */
export function isLocal(headers: Headers, { settings }: Demo): boolean {
  const forwarded = headers.get('x-forwarded-for')?.split(',') ?? [];
  return (
    isLocalAddress(settings.host) &&
    isLocalHost(headers.get('host') ?? '') &&
    forwarded.every((address) => isLocalAddress(address.trim()))
  );
}
