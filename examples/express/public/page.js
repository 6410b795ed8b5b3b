/** What the two flow pages share: one state at a time, one error, one status line, one request. */

export const element = (id) => document.getElementById(id);

const main = element('main');
const error = element('error');
const restart = element('restart');
const order = ['start', 'code', 'done'];

/** Shows the panel of a state: `start`, `code`, `done` or `ended`. */
export function setState(state) {
  main.dataset.state = state;
  clearError();
  for (const panel of main.querySelectorAll('[data-panel]')) {
    panel.hidden = panel.dataset.panel !== state;
    if (!panel.hidden) panel.querySelector('[data-error-slot]')?.append(error);
  }
  restart.hidden = state === 'start';
  restart.textContent = state === 'code' ? restart.dataset.whileCode : restart.dataset.after;
  markSteps(state);
  window.scrollTo({ top: 0 });
  main.querySelector('[data-panel]:not([hidden]) [data-focus]').focus();
}

function markSteps(state) {
  const reached = order.indexOf(state);
  for (const step of main.querySelectorAll('[data-step]')) {
    const index = order.indexOf(step.dataset.step);
    const finished = index < reached || state === 'done';
    step.classList.toggle('finished', finished);
    if (index === reached && !finished) step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  }
}

/** Shows an error; with a field, as that field's: marked invalid, focused, ready to be replaced. */
export function showError(words, field) {
  error.textContent = words;
  if (!field) return;
  field.setAttribute('aria-invalid', 'true');
  field.focus();
  field.select();
}

export function clearError() {
  error.textContent = '';
  for (const field of main.querySelectorAll('[aria-invalid]'))
    field.removeAttribute('aria-invalid');
}

export function say(words) {
  element('status').textContent = words;
}

/** Runs one piece of work; undefined when another is still running. */
export async function runAlone(work) {
  if ('busy' in main.dataset) return undefined;
  main.dataset.busy = '';
  try {
    return await work();
  } finally {
    delete main.dataset.busy;
  }
}

/** The same with a button shown as busy. */
export function runBusy(button, work) {
  return runAlone(async () => {
    const label = button.textContent;
    button.disabled = true;
    button.classList.add('busy');
    button.textContent = button.dataset.busyLabel;
    try {
      return await work();
    } finally {
      button.disabled = false;
      button.classList.remove('busy');
      button.textContent = label;
    }
  });
}

export function onRestart(action) {
  restart.addEventListener('click', () => {
    if ('busy' in main.dataset) return;
    say('');
    action();
    setState('start');
  });
}
