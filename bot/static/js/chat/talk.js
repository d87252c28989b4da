/**
 * The conversation: what is said is kept first, then sent in order, one at a time.
 *
 * `server` knows how to reach ours: `say(message, after)`, `show(id, photo, after)`, `news(after)`,
 * `listen(lastId, signal)`, each a fetch. Asking and being told run one after the other, so nothing is shown twice.
 */
import { box, clearError, complain, giveBack, hasKeyboard, take } from "./box.js";
import * as log from "./log.js";
import { onPhoto, reason } from "./photo.js";
import { follow } from "./stream.js";
import * as unsent from "./unsent.js";

const SHORTEST = 3000;
const LONGEST = 60000;
let line = Promise.resolve();
let wait = SHORTEST;
let later = 0;
let listen = () => {};
const pressed = new WeakMap();

const inTurn = (work) => (line = line.then(work).catch((error) => window.console.warn(error)));

export function talk(server) {
  const send = () => inTurn(() => flush(server));
  const look = () => inTurn(() => news(server));

  document.querySelector(".log-form").addEventListener("click", (event) => {
    const button = event.target.closest("button[name]");
    if (!button) return;
    event.preventDefault();
    if (Date.now() - (pressed.get(button) || 0) < 1000) return; // an impatient finger asks once
    pressed.set(button, Date.now());
    say({ [button.name]: button.value }, button.textContent.trim());
  });

  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = take();
    if (text) say({ text }, text);
  });

  onPhoto((photo, isTooLarge) => {
    clearError();
    if (isTooLarge) complain(reason("too-large"));
    else inTurn(() => show(server, photo));
  });

  function say(said, words) {
    clearError();
    unsent.add(said, words);
    log.show(unsent.all(), { isSending: navigator.onLine });
    log.goToEnd();
    send();
  }

  /** What our server refuses for ever must not hold up what was said after it. */
  document.querySelector("[data-unsent]").addEventListener("click", ({ target }) => {
    const drop = target.closest("[data-drop]");
    if (!drop) return;
    unsent.remove({ row: drop.value });
    log.show(unsent.all(), { isLost: unsent.all().length > 0 });
    box.focus({ preventScroll: true });
    send();
  });

  document.querySelector("[data-again]").addEventListener("click", send);
  window.addEventListener("online", send);
  box.form.querySelector(".send").disabled = false;
  if (unsent.all().length) send();
  listen = follow(server.listen, look);
}

async function flush(server) {
  clearTimeout(later);
  for (let message; (message = unsent.all()[0]); ) {
    log.show(unsent.all(), { isSending: navigator.onLine });
    const answer = await server.say(message, log.seen()).catch(() => null);
    const text = answer && await answer.text().catch(() => null);
    if (text === null || answer.status >= 500) return lost(server, wait);
    if (answer.status === 429) return lost(server, 1000 * answer.headers.get("Retry-After"));
    unsent.remove(message);
    wait = SHORTEST;
    listen(); // the first words began a conversation: now there is something to listen to
    log.show(unsent.all());
    if (answer.ok) answered(message, log.add(text));
    else giveBack(message.text || "", text);
  }
}

/** A photo is kept nowhere, not even until the network is back. */
async function show(server, photo) {
  log.show(unsent.all(), { isSending: true });
  log.goToEnd();
  const answer = await server.show(unsent.number(), photo, log.seen()).catch(() => null);
  const text = answer && await answer.text().catch(() => null);
  log.show(unsent.all(), { isLost: unsent.all().length > 0 });
  if (text === null || answer.status >= 500) complain(reason("lost"));
  else if (answer.status === 413) complain(reason("too-large"));
  else if (answer.ok) { listen(); answered({}, log.add(text)); }
  else complain(text);
}

/** It stays where it is, and goes when the network is back or after a while. */
function lost(server, milliseconds) {
  log.show(unsent.all(), { isLost: true });
  log.goToEnd();
  later = setTimeout(() => inTurn(() => flush(server)), milliseconds || wait);
  wait = Math.min(wait * 2, LONGEST);
}

function answered(message, first) {
  (first || log.newest())?.scrollIntoView({ block: "start" });
  if (message.payload) log.newest()?.focus({ preventScroll: true });
  else if (hasKeyboard) box.focus({ preventScroll: true });
}

async function news(server) {
  const wasAtEnd = log.isAtEnd();
  const answer = await server.news(log.seen()).catch(() => null);
  if (!answer || answer.status !== 200) return;
  const first = log.add(await answer.text());
  if (first && wasAtEnd) first.scrollIntoView({ block: "start" });
}
