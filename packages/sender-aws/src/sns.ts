export { createSnsSender, type SnsClient, type SnsSenderOptions } from './lib/sns-sender.js';
