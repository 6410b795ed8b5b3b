export {
  createTwilioSender,
  type TwilioSenderOptions,
  type TwilioTemplate,
} from './lib/twilio-sender.js';
