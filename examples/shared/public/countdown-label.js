/**
 * What a button says that counts down: "Send again in 28 s", then "Send again".
 * @param {string} label
 * @param {number} seconds that are left
 */
export function countdownLabel(label, seconds) {
  return seconds > 0 ? `${label} in ${format(seconds)}` : label;
}

/** @param {number} seconds */
function format(seconds) {
  if (seconds < 120) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
