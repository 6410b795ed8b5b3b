export type {
  TwilioApiKey,
  TwilioAuthToken,
  TwilioSenderOptions,
  TwilioTemplate,
} from './lib/options.js';
export { createTwilioSender } from './lib/twilio-sender.js';
