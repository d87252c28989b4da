/** A quiz: each answer is saved when given, and shown as saved only when the server said so. */
import { countdown } from "./countdown.js";
import * as outbox from "./outbox.js";
import { keepPage } from "./pages.js";
import { Away } from "./net.js";
import { say } from "./words.js";

const TYPING = 400;
const SYNC = 60000;
const form = document.querySelector("[data-sheet]");
const attempt = form.dataset.sheet;
const url = form.getAttribute("action");
const line = form.querySelector(".sheet-saved");
const news = document.querySelector("[data-news]");
const questions = [...form.querySelectorAll("fieldset[data-place]")].map((box) => ({
  box, place: Number(box.dataset.place), acked: Number(box.dataset.seq), newest: Number(box.dataset.seq),
  writing: 0, // changed here, not yet written down
}));
const at = (place) => questions.find((one) => one.place === place);
const typing = new Map();
let sending = 0;
let isHandedIn = false;
let isOver = false;

keepPage();
form.setAttribute("autocomplete", "off");
for (const button of form.querySelectorAll("[data-without-scripts]")) button.hidden = true;

function fieldsOf({ box, place }) {
  const fields = {};
  const start = `p${place}.`;
  for (const input of box.querySelectorAll("input, select, textarea")) {
    if (!input.name.startsWith(start)) continue;
    if (/^(radio|checkbox)$/.test(input.type) && !input.checked) continue;
    const name = input.name.slice(start.length);
    fields[name] = [...(fields[name] || []), input.value];
  }
  return fields;
}

function show({ box, place }, fields) {
  const start = `p${place}.`;
  for (const input of box.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const values = fields[input.name.slice(start.length)] || [];
    if (/^(radio|checkbox)$/.test(input.type)) input.checked = values.includes(input.value);
    else input.value = values[0] || "";
  }
}

async function give(question) {
  clearTimeout(typing.get(question));
  typing.delete(question);
  const fields = fieldsOf(question);
  const text = JSON.stringify(fields);
  if (text === question.given) { draw(); return; } // a field that was left as it was typed
  question.given = text;
  question.writing += 1;
  draw();
  const stored = await outbox.give(attempt, question.place, fields, question.newest);
  question.newest = Math.max(question.newest, stored.seq);
  question.writing -= 1;
  draw();
  outbox.drain();
}

const isSaved = (one) => one.acked >= one.newest && !one.writing && !typing.has(one);
const unsaved = () => questions.filter((one) => !isSaved(one)).length;
const saved = () => questions.filter((one) => one.acked && isSaved(one)).length;
const empty = () => questions.filter((one) => {
  const values = Object.values(fieldsOf(one));
  return !values.some((list) => list.some(Boolean));
}).length;

function draw() {
  const state = outbox.standing();
  const parts = [say("saved", { saved: saved(), all: questions.length })];
  if (unsaved() && state === "away") parts.push(say("waiting", { count: unsaved() }));
  else if (unsaved() && sending) parts.push(say("sending", { count: unsaved() }));
  const text = parts.join(" ");
  if (line.textContent !== text) line.textContent = text;
  form.classList.toggle("is-away", state === "away");
  document.querySelector("[data-signed-out]").hidden = state !== "signedOut";
  document.querySelector("[data-refused]").hidden = state !== "refused";
}

function tell(name, values) {
  news.hidden = !name;
  news.querySelector("[data-text]").textContent = name ? say(name, values) : "";
  news.querySelector("[data-resume]").hidden = name !== "queued";
}

function freeze(isFrozen) {
  for (const { box } of questions) box.disabled = isFrozen;
  form.querySelector("[value=nop]").disabled = isFrozen;
}

const clock = form.dataset.secondsLeft === undefined ? null
  : countdown(attempt, Number(form.dataset.secondsLeft), (left, isNewlyOver) => {
    const two = (number) => String(number).padStart(2, "0");
    const text = say("left", { minutes: Math.floor(left / 60), seconds: two(left % 60) });
    form.querySelector(".sheet-clock").textContent = text;
    form.querySelector(".sheet-clock").classList.toggle("is-short", left < 60);
    if (isNewlyOver) timeIsUp();
  });

/** Only the server knows that time is over; without a network it is a guess of this device. */
async function timeIsUp() {
  try {
    await outbox.ask(attempt);
  } catch (failure) {
    if (failure instanceof Away) tell("overOffline");
  }
}

async function heard(event) {
  if (event.attempt && event.attempt !== attempt) return;
  const question = event.place === undefined ? null : at(event.place);
  if (event.kind === "sending") sending = event.count;
  if (event.kind === "state") sending = 0;
  if (event.kind === "ack" && question) question.acked = Math.max(question.acked, event.seq);
  if (event.kind === "overtaken") tell("overtaken", { number: event.place + 1 });
  if (event.kind === "closed") tell("late", { number: event.place + 1 });
  if (event.kind === "left") left(event);
  if (event.kind === "done" && event.url === url) window.location.reload();
  draw();
}

function left({ seconds, closed }) {
  if (clock && seconds !== null && !isOver) clock.set(seconds);
  if (isOver || !(closed || seconds === 0)) return;
  isOver = true;
  tell("over");
  handIn();
}

/** Answers first, then the step itself; both wait for the network where there is none. */
async function handIn() {
  if (isHandedIn) return;
  isHandedIn = true;
  for (const question of [...typing.keys()]) await give(question);
  freeze(true);
  await outbox.step(url, { viec: "nop" }, attempt);
  if (!isOver) tell("handing");
  await outbox.drain();
  if (outbox.standing() === "away") tell("queued", { until: until() });
}

function until() {
  return form.dataset.deadline ? say("until", { time: form.dataset.deadline }) : "";
}

async function resume() {
  await outbox.takeBack(url);
  isHandedIn = false;
  freeze(false);
  tell("");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const missing = empty();
  if (missing && !window.confirm(say("missing", { count: missing }))) return;
  handIn();
});
form.addEventListener("change", (event) => {
  const box = event.target.closest("fieldset[data-place]");
  if (box) give(at(Number(box.dataset.place)));
});
form.addEventListener("input", (event) => {
  const box = event.target.closest("fieldset[data-place]");
  if (!box || !event.target.matches("[type=text], textarea")) return;
  const question = at(Number(box.dataset.place));
  clearTimeout(typing.get(question));
  typing.set(question, setTimeout(() => give(question), TYPING));
  draw();
});
window.addEventListener("pagehide", () => { for (const one of [...typing.keys()]) give(one); });
news.querySelector("[data-resume]").addEventListener("click", resume);
outbox.listen(heard);

/** What this device knows and the page does not: newer answers, a handing in that waits. */
async function begin() {
  for (const one of await outbox.kept(attempt)) {
    const question = at(one.place);
    if (!question || one.late || one.seq <= question.acked) continue;
    show(question, one.fields);
    question.given = JSON.stringify(fieldsOf(question));
    question.newest = one.seq;
    if (one.saved) question.acked = one.seq;
  }
  isHandedIn = (await outbox.steps()).some((one) => one.url === url);
  if (isHandedIn) freeze(true);
  draw();
  await outbox.drain();
  if (isHandedIn && outbox.standing() === "away") tell("queued", { until: until() });
  if (clock) sync();
}

const sync = () => outbox.ask(attempt).catch(() => null);
if (clock) {
  setInterval(() => { if (!document.hidden) sync(); }, SYNC);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sync(); });
}
begin();
