import type { MessageInput } from './config.js';
import type { MessageContent } from './ports.js';

/** The message when the host writes none of its own. */
export function defaultMessage({ code, appName, minutes }: MessageInput): MessageContent {
  const unit = minutes === 1 ? 'minute' : 'minutes';
  return {
    subject: `Your ${appName} code`,
    text: `${code} is your ${appName} code. It is good for ${minutes} ${unit}. Never share it.`,
  };
}
