/** On every page of the learning side: the service worker, what waits, downloads, signing out. */
import * as outbox from "./outbox.js";
import * as pages from "./pages.js";
import * as store from "./store.js";
import { say } from "./words.js";

const place = document.querySelector("[data-words]");

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/hoc-sw.js", { scope: "/hoc" }).catch(() => null);
}

/** Whoever was here before left copies of their pages; they are nobody else's to read. */
async function ownPagesOnly() {
  const { owner } = place.dataset;
  const known = (await store.all("facts")).find((one) => one.name === "owner");
  if (known && known.value !== owner) await pages.forgetAll();
  await store.change("facts", "owner", () => ({ name: "owner", value: owner }));
}

const signOut = document.querySelector("form[action='/dang-xuat']");
if (signOut) {
  signOut.addEventListener("submit", async (event) => {
    if (signOut.dataset.isSure) return;
    event.preventDefault();
    const count = await outbox.unsent();
    if (count && !window.confirm(say("signOut", { count }))) return;
    await pages.forgetAll();
    await store.clear();
    signOut.dataset.isSure = "1";
    signOut.submit();
  });
}

/** The course on this device: its size is said first; a new version is fetched by itself. */
const box = document.querySelector("[data-download]");
const mark = (code) => `khoa.${code}`;

async function stored(code) {
  const found = (await store.all("facts")).find((one) => one.name === mark(code));
  return found && (await pages.isKept(code)) ? found : null;
}

async function fetchCourse({ code, version, urls }) {
  const status = box.querySelector("[data-status]");
  box.classList.add("is-busy");
  try {
    const bytes = await pages.download(code, urls.split(" "), (done, all) => {
      status.textContent = say("downloading", { done, all });
    });
    await store.change("facts", mark(code), () => ({ name: mark(code), value: version, bytes }));
  } catch {
    await pages.forget(code);
    status.textContent = say("downloadFailed");
  }
  box.classList.remove("is-busy");
}

async function drawDownload() {
  const have = await stored(box.dataset.code);
  box.querySelector("[data-fetch]").hidden = Boolean(have);
  box.querySelector("[data-remove]").hidden = !have;
  if (have) {
    const size = Math.max(Math.round(have.bytes / 1000), 1);
    box.querySelector("[data-status]").textContent = say("downloaded", { size });
  }
}

async function beginDownload() {
  if (!("caches" in window) || !("serviceWorker" in navigator)) return;
  box.hidden = false;
  const { code, version } = box.dataset;
  const have = await stored(code);
  if (have && have.value !== version && navigator.onLine) await fetchCourse(box.dataset);
  await drawDownload();
  box.querySelector("[data-fetch]").addEventListener("click", async () => {
    await fetchCourse(box.dataset);
    if (await stored(code)) await drawDownload();
  });
  box.querySelector("[data-remove]").addEventListener("click", async () => {
    await pages.forget(code);
    await store.change("facts", mark(code), () => undefined);
    box.querySelector("[data-status]").textContent = say("removed");
    await drawDownload();
  });
}

/** Another browser can be reached only by hand from some apps: at least the address is copied. */
const copy = document.querySelector("[data-copy]");
if (copy) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(window.location.href).catch(() => null);
    copy.textContent = copy.dataset.copied;
  });
}

/** Elsewhere than in a quiz a line at the top says what still waits. */
const bar = document.querySelector("[data-waiting]");
async function drawBar() {
  const count = await outbox.unsent();
  const isSignedOut = outbox.standing() === "signedOut";
  bar.hidden = !count;
  bar.querySelector("[data-sign-in]").hidden = !isSignedOut;
  bar.querySelector("[data-text]").textContent = say(isSignedOut ? "waitsSignIn" : "waits", { count });
}

async function begin() {
  await ownPagesOnly();
  if (box) beginDownload();
  if (document.querySelector("[data-sheet]")) return; // it sends for itself
  outbox.listen((event) => { if (event.kind === "state" || event.kind === "done") drawBar(); });
  await outbox.drain();
  await drawBar();
}

begin();
