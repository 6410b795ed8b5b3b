import { readWholeInbox } from '../../shared/public/api.js';
import { explainEmpty, filterMessages, SHOWN, summarize } from '../../shared/public/messages.js';

const REFRESH_MS = 1500;

const element = (id) => document.getElementById(id);
const list = element('messages');
const filter = element('filter');
const status = element('status');

let messages = [];
const items = new Map();

function render() {
  const matching = filterMessages(messages, filter.value);
  const shown = matching.slice(0, SHOWN).map(itemFor);
  // Items stay where they are, so that a refresh does not take the focus from a button.
  shown.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  while (list.children.length > shown.length) list.lastElementChild.remove();

  element('empty').hidden = matching.length > 0;
  element('empty').textContent = explainEmpty(messages.length);
  setText(status, summarize(matching.length));
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

function createItem({ channel, to, code, text, subject, html, sentAt, provider }) {
  const template = element(channel === 'email' ? 'email' : 'sms');
  const item = template.content.firstElementChild.cloneNode(true);
  const time = item.querySelector('time');
  time.dateTime = sentAt;
  time.textContent = new Date(sentAt).toLocaleTimeString();
  item.querySelector('.to').textContent = to;
  item.querySelector('.provider').hidden = provider === 'first';
  item.querySelector('.text').append(...withCode(text, code));
  if (channel === 'email') showMail(item, { subject, html });
  const copy = item.querySelector('.copy');
  copy.hidden = !navigator.clipboard;
  copy.addEventListener('click', () => copyCode(copy, code));
  label(copy, 'Copy code', `Copy code ${code}`);
  return item;
}

/** In a frame without scripts, forms or an origin, whatever the message says. */
function showMail(item, { subject = '', html }) {
  item.querySelector('.subject').textContent = subject;
  const frame = item.querySelector('.mail');
  frame.hidden = html === undefined;
  item.querySelector('details').open = html === undefined;
  if (html !== undefined) frame.srcdoc = html;
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

/** The first one stands out: an SMS repeats it for the phone. */
function withCode(text, code) {
  const at = text.indexOf(code);
  if (at < 0) return [text];
  const mark = document.createElement('strong');
  mark.textContent = code;
  return [text.slice(0, at), mark, text.slice(at + code.length)];
}

async function refresh() {
  if (!document.hidden) {
    const answer = await readWholeInbox();
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
