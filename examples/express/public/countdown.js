import { countdownLabel } from '../../shared/public/countdown-label.js';

/** A button that counts down, then becomes a button again: "Send again in 28 s", "Send again". */
export function createCountdown(button, label) {
  let deadline = 0;
  let timer;

  function render() {
    // From the clock, not by counting ticks: a tab in the background ticks late.
    const left = Math.ceil((deadline - Date.now()) / 1000);
    const busy = button.classList.contains('busy');
    if (left <= 0) stop();
    if (busy) return;
    button.disabled = left > 0;
    button.textContent = countdownLabel(label, left);
  }

  function start(seconds) {
    stop();
    deadline = Date.now() + seconds * 1000;
    timer = setInterval(render, 250);
    render();
  }

  function stop() {
    clearInterval(timer);
  }

  return { start, stop };
}
