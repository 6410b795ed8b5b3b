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
export type { WholeMessage } from './inbox.js';
export { isLocalAddress, isLocalHost } from './local.js';
export type { Served } from './program.js';
export { listen, runProgram } from './program.js';
export { refuseSenders } from './sender-setting.js';
export { createDemoService } from './service.js';
export { SettingError } from './setting-error.js';
export type { Settings } from './settings.js';
export { readSettings, urlHost } from './settings.js';
