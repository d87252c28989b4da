/** Time in a lesson: counted while it is seen and somebody is there, sent when there is a network. */
import * as outbox from "./outbox.js";
import { say } from "./words.js";

const SEND = 30000;
const PATIENCE = 4000; // then the step waits, and the learner goes on
const IDLE = 180000;
const LONGEST_TICK = 2; // more has passed: the device slept
const lesson = document.querySelector("[data-lesson]");
const url = lesson.dataset.lesson;
const line = document.querySelector("[data-spent]");
const video = lesson.querySelector("video");
const whole = Number(line.dataset.whole);
const signs = ["pointerdown", "keydown", "scroll", "touchstart", "mousemove"];
let acknowledged = Number(line.dataset.spent);
let counted = 0;
let unwritten = 0;
let last = performance.now();
let sign = last;

const isThere = () => !document.hidden
  && (performance.now() - sign < IDLE || Boolean(video && !video.paused));
const floor = () => Number(lesson.dataset.seq);
const place = () => (video ? video.currentTime : 0);

function draw() {
  const seconds = Math.min(acknowledged + counted, whole);
  const minutes = Math.floor(seconds / 60);
  const parts = [say("spent", { minutes, all: whole / 60 })];
  if (outbox.standing() === "away") parts.push(say("timeWaits"));
  if (!isThere() && seconds < whole) parts.push(say("idle"));
  const text = parts.join(" ");
  if (line.textContent !== text) line.textContent = text;
}

function tick() {
  const now = performance.now();
  const passed = (now - last) / 1000;
  last = now;
  if (isThere() && passed < LONGEST_TICK) { counted += passed; unwritten += passed; }
  draw();
}

async function write() {
  const seconds = unwritten;
  unwritten = 0;
  if (seconds > 0) await outbox.spend(url, seconds, floor(), place());
}

async function leave() {
  tick();
  await write();
  await outbox.farewell(url);
}

outbox.listen((event) => {
  if (event.kind === "time" && event.url === url) {
    acknowledged = event.seconds;
    counted = unwritten;
  }
  if (event.kind === "state") draw();
});

/** Without a network the step is written down, and the next lesson is read from this device. */
const done = document.querySelector("[data-done]");
if (done) {
  done.addEventListener("submit", async (event) => {
    event.preventDefault();
    tick();
    await write();
    await outbox.step(done.getAttribute("action"), {});
    await Promise.race([outbox.drain(), new Promise((go) => { setTimeout(go, PATIENCE); })]);
    window.location.assign(done.dataset.next);
  });
}

if (video && Number(lesson.dataset.place)) {
  video.addEventListener("loadedmetadata", () => {
    video.currentTime = Math.min(Number(lesson.dataset.place), video.duration - 1);
  }, { once: true });
}

for (const name of signs) {
  document.addEventListener(name, () => { sign = performance.now(); }, { passive: true, capture: true });
}
setInterval(tick, 1000);
setInterval(async () => { await write(); outbox.drain(); }, SEND);
setInterval(write, 5000);
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : tick()));
window.addEventListener("pagehide", leave);
draw();
