import { type ErrorCode, type Failure, fail } from '../errors.js';
import { reportFault } from './after-response.js';
import { createContext, type IncomingRequest, type RequestContext } from './context.js';
import { refuser } from './request-events.js';

/**
 * Runs an operation. A refusal is emitted as an event; a fault is `internal`, and an event. Never rejects.
 *
 * @param name of the operation in events
 */
export async function runOperation<Success extends { readonly ok: true }, Code extends ErrorCode>(
  incoming: IncomingRequest,
  name: string,
  operation: (context: RequestContext) => Promise<Success | Failure<Code>>,
): Promise<Success | Failure<Code | 'internal'>> {
  try {
    const outcome = await operation(createContext(incoming));
    return outcome.ok ? outcome : refuser(incoming.events, name)(outcome);
  } catch (error) {
    reportFault(incoming.events, name)(error);
    return fail('internal');
  }
}
