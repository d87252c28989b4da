/**
 * What learners did and the server may not have yet: answers, time in lessons, steps (a lesson done,
 * a quiz handed in). Everything is written down on this device first, sent until it is acknowledged,
 * and may be sent twice without harm: answers and time are counted up, steps can be repeated.
 */
import { Away, Refused, SignedOut, send } from "./net.js";
import * as store from "./store.js";

const SHORTEST = 1000;
const LONGEST = 30000;
const JUST_NOW = 60000;
const AT_ONCE = 100;
const listeners = [];
const refused = new Set();
let state = "ok"; // ok | away | signedOut | refused
let running = null;
let again = false;
let wait = SHORTEST;
let timer = 0;

/** `heard(event)`: {kind: "state" | "ack" | "overtaken" | "closed" | "left" | "time" | "done", …}. */
export function listen(heard) { listeners.push(heard); }
export const standing = () => state;

function tell(event) { listeners.forEach((heard) => heard(event)); }

function turn(next) {
  state = next;
  tell({ kind: "state", state });
}

/** Write an answer down; counted one up from what this device and the server (`floor`) have. */
export function give(attempt, place, fields, floor) {
  const given = Date.now();
  return store.change("answers", [attempt, place], (old) => {
    const seq = Math.max(old ? old.seq : 0, floor) + 1;
    return { attempt, place, fields, seq, given, saved: false };
  });
}

/** Everything of an attempt that this device wrote down, acknowledged or not. */
export const kept = (attempt) => store.all("answers", attempt);

/** Answers of an attempt that the server has not acknowledged. */
export async function waiting(attempt) {
  return (await store.all("answers", attempt)).filter((one) => !one.saved && !one.late);
}

/** Whatever waits on this device, counted. */
export async function unsent() {
  const steps = await store.all("posts");
  const answers = await waiting();
  return answers.length + steps.length;
}

/** A step to be taken when there is a network; `after` names the attempt whose answers go first. */
export function step(url, fields, after = "") {
  return store.change("posts", url, () => ({ url, fields, after, asked: Date.now() }));
}
export const takeBack = (url) => store.change("posts", url, () => undefined);
export const steps = () => store.all("posts");

/** Send what waits; asked for while it is running, it runs once more. */
export function drain() {
  clearTimeout(timer);
  again = true;
  running = running || loop().finally(() => { running = null; });
  return running;
}

async function loop() {
  while (again) {
    again = false;
    try {
      await answers();
      await times();
      await handIn();
      wait = SHORTEST;
      turn(refused.size ? "refused" : "ok");
    } catch (failure) {
      again = false;
      later(failure);
    }
  }
}

function later(failure) {
  if (failure instanceof SignedOut) { turn("signedOut"); return; }
  if (!(failure instanceof Away)) throw failure;
  turn("away");
  const pause = Math.max(wait, failure.seconds * 1000) * (0.75 + Math.random() / 2);
  timer = setTimeout(drain, pause);
  wait = Math.min(wait * 2, LONGEST);
}

/** One that is refused (somebody else is signed in, say) stays, and does not hold up the others. */
async function unlessRefused(url, work) {
  try {
    await work();
    refused.delete(url);
  } catch (failure) {
    if (!(failure instanceof Refused)) throw failure;
    refused.add(url);
  }
}

async function answers() {
  const attempts = new Set((await waiting()).map((one) => one.attempt));
  for (const attempt of attempts) {
    await unlessRefused(attempt, async () => {
      for (let left = true; left;) left = await answersOf(attempt);
    });
  }
}

/** Returns whether there is more to send at once. */
async function answersOf(attempt) {
  const sent = (await waiting(attempt)).slice(0, AT_ONCE);
  if (!sent.length) return false;
  tell({ kind: "sending", attempt, count: sent.length });
  const said = await ask(attempt, sent);
  for (const one of sent) await settle(one, said);
  return (await waiting(attempt)).length > 0;
}

/** Send answers (or none, to hear how much time is left). */
export async function ask(attempt, sent = []) {
  const device = await store.device();
  const list = sent.map(({ place, fields, seq, given }) => (
    { place, fields, seq, given_at: new Date(given).toISOString() }
  ));
  const answer = await send(`/hoc/bai-lam/${attempt}/luu`, { json: { device, answers: list } });
  const said = await answer.json();
  tell({ kind: "left", attempt, seconds: said.seconds_left, closed: said.closed });
  return said;
}

async function settle(one, said) {
  const key = [one.attempt, one.place];
  const edit = (work) => store.change("answers", key, (now) => (
    now && now.seq === one.seq ? work(now) : now
  ));
  const theirs = (said.overtaken || {})[one.place];
  if (said.closed) {
    await edit((now) => ({ ...now, late: true }));
    tell({ kind: "closed", attempt: one.attempt, place: one.place });
  } else if (theirs && Date.now() - one.given < JUST_NOW) {
    // Another device answered too, but whoever is learning has just done so here: this is newer.
    await edit((now) => ({ ...now, seq: theirs + 1 }));
  } else if (theirs) {
    await store.change("answers", key, (now) => (now && now.seq === one.seq ? undefined : now));
    tell({ kind: "overtaken", attempt: one.attempt, place: one.place });
  } else if (said.saved[one.place] >= one.seq) {
    await edit((now) => ({ ...now, saved: true }));
    tell({ kind: "ack", attempt: one.attempt, place: one.place, seq: said.saved[one.place] });
  } else {
    await edit((now) => ({ ...now, late: true })); // the sheet has no such place
  }
}

/** Add seconds of a lesson; what was sent once keeps its number and its amount. */
export function spend(url, seconds, floor, place) {
  return store.change("times", url, (old) => {
    const before = old || { url, seq: floor, sent: 0, tried: false, more: 0 };
    return { ...before, seq: Math.max(before.seq, floor), more: before.more + seconds, place };
  });
}

async function times() {
  for (const { url } of await store.all("times")) {
    await unlessRefused(url, async () => {
      for (let left = true; left;) left = await timeOf(url);
    });
  }
}

async function timeOf(url, keepalive = false) {
  let tried = false;
  const piece = await store.change("times", url, (now) => {
    if (!now || !(now.sent || now.more >= 1)) return now;
    tried = now.tried;
    if (now.sent) return { ...now, tried: true };
    const sent = Math.floor(now.more);
    return { ...now, seq: now.seq + 1, sent, tried: true, more: now.more - sent };
  });
  if (!piece || !piece.sent) return false;
  const said = await (await send(`${url}/thoi-gian`, { form: body(piece), keepalive })).json();
  // A number that another device took meanwhile counts nothing; but what may have been counted
  // already (its answer was lost) is not sent again.
  const isTaken = said.seq > piece.seq && !tried;
  await store.change("times", url, (now) => (
    isTaken ? { ...now, seq: said.seq, more: now.more + now.sent, sent: 0, tried: false }
      : { ...now, seq: Math.max(now.seq, said.seq), sent: 0, tried: false }
  ));
  tell({ kind: "time", url, seconds: said.seconds });
  return isTaken;
}

const body = ({ sent, seq, place }) => (
  new URLSearchParams({ giay: sent, seq, vi_tri: Math.floor(place || 0) })
);

/** The page is going away: one last piece, which may outlive it; its number makes it count once. */
export async function farewell(url) {
  const now = (await store.all("times")).find((one) => one.url === url);
  if (!now || running) return;
  await timeOf(url, true).catch(() => null);
}

async function handIn() {
  for (const one of (await store.all("posts")).sort((a, b) => a.asked - b.asked)) {
    if (one.after && (await waiting(one.after)).length) continue;
    await unlessRefused(one.url, async () => {
      await send(one.url, { form: new URLSearchParams(one.fields) });
      await takeBack(one.url);
      tell({ kind: "done", url: one.url });
    });
  }
}

window.addEventListener("online", () => { wait = SHORTEST; drain(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) drain(); });
