/**
 * What was said and has not reached the server, oldest first.
 *
 * Each message is a row of its own, so that two tabs never overwrite each other's; its number makes
 * the server answer it once however often it arrives. Only the server's word removes it.
 */
import { forget, keep, names, recall } from "./kept.js";

const PREFIX = `motcua.chua-gui.${window.self === window.top ? "trang" : "nhung"}.`;
let latest = 0;

export function number() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keep `{text}` or `{payload}`, with the words that are shown for it. */
export function add(said, words) {
  latest = Math.max(Date.now(), latest + 1); // one order, even within a millisecond
  const message = { row: `${PREFIX}${latest}`, id: number(), words, ...said };
  keep(message.row, JSON.stringify(message));
  return message;
}

export function all() {
  return names(PREFIX).map((row) => recall(row)).filter(Boolean).map((text) => JSON.parse(text));
}

export function remove(message) {
  forget(message.row);
}
