export { createSesSender, type SesClient, type SesSenderOptions } from './lib/ses-sender.js';
