import { readConfig } from '@otp/example-shared';
import { getDemo } from '../../../lib/demo';
import { toResponse } from '../../../lib/http';

// Read when asked, not when built.
export const dynamic = 'force-dynamic';

export function GET(): Response {
  return toResponse(readConfig(getDemo()));
}
