/**
 * Without a network: the pages that this device keeps. With one: the network's, always.
 *
 * The server writes `SHELL = {version, urls, offline, files}` above this text, so that a new release is a new
 * worker. Copies of courses and sheets are put here by pages.js; this file only shows and renews them.
 */
const OWN = "hoc-vo"; // the frame: styles, scripts, the page that says "no network"
const SHEETS = "hoc-bai";
const PATIENCE = 6000;
const LOOSE = { ignoreVary: true, ignoreSearch: true };

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(OWN).then((cache) => cache.addAll([...self.SHELL.urls, self.SHELL.offline]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

/** Copies of pages name the files of their own release: those of the last few stay. */
async function tidy() {
  const cache = await caches.open(OWN);
  const wanted = new Set([...self.SHELL.urls, self.SHELL.offline]);
  const files = await cache.keys();
  if (files.length < 4 * wanted.size) return;
  for (const { url } of files) {
    if (!wanted.has(new URL(url).pathname)) await cache.delete(url);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !isOurs(url)) return;
  if (request.mode === "navigate") event.respondWith(page(event, url));
  else if (/^\/(static|hoc-lieu)\//.test(url.pathname)) event.respondWith(file(request));
});

/** The app's own host, and the one that serves uploaded files, if there is one. */
const isOurs = (url) => [self.location.origin, self.SHELL.files].includes(url.origin);

/** A document is linked by its path here, but kept under the address that it came from. */
const copyOf = async (path) =>
  (await caches.match(path, LOOSE)) || (self.SHELL.files && caches.match(self.SHELL.files + path, LOOSE));

/** These never change under their address. */
async function file(request) {
  return (await caches.match(request, LOOSE)) || fetch(request);
}

async function page(event, url) {
  const kept = await copyOf(url.pathname);
  try {
    const answer = await soon(fetch(event.request), kept);
    event.waitUntil(renew(url.pathname, answer.clone()));
    return answer;
  } catch {
    return kept || caches.match(self.SHELL.offline, LOOSE);
  }
}

/** A network that hangs is no network, for whoever has a copy. */
function soon(answer, kept) {
  if (!kept) return answer;
  return Promise.race([
    answer,
    new Promise((_, failed) => { setTimeout(() => failed(new Error("slow")), PATIENCE); }),
  ]);
}

/** A copy that is kept becomes the newest; the front page and sheets are kept without being asked. */
async function renew(path, answer) {
  if (!answer.ok || answer.redirected) return;
  if (path === "/hoc" || path.startsWith("/hoc/bai-lam/")) {
    await (await caches.open(SHEETS)).put(path, answer);
    return;
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    if (name.startsWith("hoc-khoa-") && (await cache.match(path, LOOSE))) {
      await cache.put(path, answer);
      return;
    }
  }
}
