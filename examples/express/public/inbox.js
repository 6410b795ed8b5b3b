import { readInbox } from '../../shared/public/api.js';

const REFRESH_MS = 1500;
const SHOWN = 100;

const element = (id) => document.getElementById(id);
const list = element('messages');
const filter = element('filter');
const status = element('status');

let messages = [];
const items = new Map();

// In the page, not by `?to=`: what somebody types here is a recipient, and stays out of URLs.
function filtered() {
  const wanted = compact(filter.value);
  return messages.filter((message) => compact(message.to).includes(wanted));
}

const compact = (text) => text.toLowerCase().replace(/[\s().-]/g, '');

function render() {
  const matching = filtered();
  const shown = matching.slice(0, SHOWN).map(itemFor);
  // Items stay where they are, so that a refresh does not take the focus from a button.
  shown.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  while (list.children.length > shown.length) list.lastElementChild.remove();

  element('empty').hidden = matching.length > 0;
  element('empty').textContent = messages.length
    ? 'No message to this recipient yet.'
    : 'No messages yet. Ask for a code, and it will appear here.';
  setText(status, summary(matching.length));
}

function summary(count) {
  if (count > SHOWN) return `Newest ${SHOWN} of ${count} messages`;
  return count === 1 ? '1 message' : `${count} messages`;
}

// A live region speaks whenever its text is set, the same text too.
function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function forgetItems() {
  const keys = new Set(messages.map(keyOf));
  for (const key of items.keys()) if (!keys.has(key)) items.delete(key);
}

const keyOf = (message) => JSON.stringify(message);

function itemFor(message) {
  const key = keyOf(message);
  if (!items.has(key)) items.set(key, createItem(message));
  return items.get(key);
}

function createItem({ channel, to, code, text, sentAt }) {
  const template = element(channel === 'email' ? 'email' : 'sms');
  const item = template.content.firstElementChild.cloneNode(true);
  const time = item.querySelector('time');
  time.dateTime = sentAt;
  time.textContent = new Date(sentAt).toLocaleTimeString();
  item.querySelector('.to').textContent = to;
  item.querySelector('.text').append(...withCode(text, code));
  const copy = item.querySelector('.copy');
  copy.hidden = !navigator.clipboard;
  copy.addEventListener('click', () => copyCode(copy, code));
  label(copy, 'Copy code', `Copy code ${code}`);
  return item;
}

async function copyCode(button, code) {
  const copied = await navigator.clipboard.writeText(code).then(
    () => true,
    () => false,
  );
  label(button, copied ? 'Copied' : 'Not copied');
  setTimeout(() => label(button, 'Copy code', `Copy code ${code}`), 1500);
}

function label(button, text, spoken = text) {
  button.textContent = text;
  button.setAttribute('aria-label', spoken);
}

function withCode(text, code) {
  return text.split(code).flatMap((part, index) => {
    if (index === 0) return [part];
    const mark = document.createElement('strong');
    mark.textContent = code;
    return [mark, part];
  });
}

async function refresh() {
  if (!document.hidden) {
    const answer = await readInbox();
    const failed = !answer.ok || !Array.isArray(answer.data);
    status.classList.toggle('offline', failed);
    setText(
      element('error'),
      failed ? 'The demo server does not answer. Trying again every few seconds.' : '',
    );
    if (!failed) {
      messages = answer.data;
      forgetItems();
      render();
    }
  }
  setTimeout(refresh, REFRESH_MS);
}

filter.addEventListener('input', render);
refresh();
