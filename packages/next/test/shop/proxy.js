import { NextResponse } from 'next/server';

/** In front of all routes, as a host's own that looks at the session. */
export function proxy() {
  return NextResponse.next();
}
