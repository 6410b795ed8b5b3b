import type { Channel } from '../ports.js';

/** `amr`: the authentication methods (RFC 8176) of a code that was sent through a channel. */
export function authenticationMethods(channel: Channel): string[] {
  return channel === 'sms' ? ['otp', 'sms'] : ['otp'];
}
