/** How many messages the inbox page shows. */
export const SHOWN = 100;

/**
 * Those to a recipient that has the text in it, spaces and punctuation aside. Done in the page, not by
 * `?to=`: what somebody types is a recipient, and stays out of URLs.
 * @template {{ to: string }} Message
 * @param {readonly Message[]} messages
 * @param {string} text
 */
export function filterMessages(messages, text) {
  const wanted = compact(text);
  return messages.filter((message) => compact(message.to).includes(wanted));
}

/** @param {string} text */
const compact = (text) => text.toLowerCase().replace(/[\s().-]/g, '');

/** @param {number} count */
export function summarize(count) {
  if (count > SHOWN) return `Newest ${SHOWN} of ${count} messages`;
  return count === 1 ? '1 message' : `${count} messages`;
}

/** @param {number} count of all messages, whomever they are to */
export function explainEmpty(count) {
  return count > 0
    ? 'No message to this recipient yet.'
    : 'No messages yet. Ask for a code, and it will appear here.';
}
