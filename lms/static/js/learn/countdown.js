/**
 * The time that is left, by the server's clock. This device's own clock may be wrong: only how long
 * it runs on is used, and every word of the server sets it right.
 */
const NAME = "hoc.han.";

export function countdown(attempt, seconds, show) {
  let end = performance.now() + seconds * 1000;
  let shown = -1;
  let isOver = false;

  function tick() {
    const left = Math.max(Math.ceil((end - performance.now()) / 1000), 0);
    if (left !== shown) show(left, !isOver && left === 0);
    shown = left;
    isOver = left === 0;
  }

  function set(left) {
    end = performance.now() + left * 1000;
    keep(attempt, Date.now() + left * 1000);
    tick();
  }

  const kept = recall(attempt);
  if (kept) end = Math.min(end, performance.now() + kept - Date.now());
  tick();
  setInterval(tick, 500);
  return { set };
}

function keep(attempt, end) {
  try { localStorage.setItem(NAME + attempt, end); } catch { /* it only serves pages kept offline */ }
}

function recall(attempt) {
  try { return Number(localStorage.getItem(NAME + attempt)); } catch { return 0; }
}
