import type { ExchangeRequest } from '@otp/testing';

/** The path without query and one slash at its end. */
export function routeOf({ path }: ExchangeRequest): string {
  const [pathname = ''] = path.split('?');
  return pathname.replace(/(?<=[^/])\/$/, '');
}
