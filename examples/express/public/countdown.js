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
    button.textContent = left > 0 ? `${label} in ${format(left)}` : label;
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

function format(seconds) {
  if (seconds < 120) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
