/** What this browser keeps between visits; only in memory where it may keep nothing. */
const memory = new Map();

function attempt(work, otherwise) {
  try { return work(window.localStorage); } catch { return otherwise; } // blocked, or full
}

export function keep(name, text) {
  const isStored = attempt((storage) => { storage.setItem(name, text); return true; }, false);
  if (!isStored) memory.set(name, text);
}

export function recall(name) {
  return attempt((storage) => storage.getItem(name), null) ?? memory.get(name) ?? null;
}

export function forget(name) {
  attempt((storage) => storage.removeItem(name));
  memory.delete(name);
}

/** The names that begin so, in order. */
export function names(beginning) {
  const all = new Set([...attempt((storage) => Object.keys(storage), []), ...memory.keys()]);
  return [...all].filter((name) => name.startsWith(beginning)).sort();
}
