export type { Demo } from './demo.js';
export { createDemo } from './demo.js';
export type { DemoConfig } from './host.js';
export {
  answerFailure,
  demoConfig,
  issueChallenge,
  makeTransfer,
  readConfig,
  sessionOf,
  startSession,
} from './host.js';
export type { InboxMessage } from './inbox.js';
export { isLocalAddress, isLocalHost } from './local.js';
export { createDemoService } from './service.js';
export type { Settings } from './settings.js';
export { readSettings, SettingError, urlHost } from './settings.js';
