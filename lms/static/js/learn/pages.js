/** Copies of pages on this device, for when there is no network; `sw.js` shows them. */
export const OPEN_SHEETS = "hoc-bai";
export const COURSE = "hoc-khoa-";
const { files = "" } = document.querySelector("[data-words]").dataset;
const SAFE = `default-src 'self'; img-src 'self' data: ${files}; media-src 'self' ${files}; connect-src 'self' ${files}; object-src 'none'; base-uri 'none'; form-action 'self'`;
const there = "caches" in window;

/**
 * Keep the page as it came: the browser has it already, so the server need not send it again. Called
 * before scripts change anything in it.
 */
export async function keepPage(name = OPEN_SHEETS) {
  if (!there) return;
  const html = `<!doctype html>${document.documentElement.outerHTML}`;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": SAFE };
  const pictures = [...document.querySelectorAll("main img")].map((image) => image.src);
  const cache = await caches.open(name).catch(() => null);
  if (!cache) return;
  await cache.put(window.location.pathname, new Response(html, { headers })).catch(() => null);
  await cache.addAll(pictures).catch(() => null);
}

/** Fetch everything of a course; `progress(done, all)`. Returns the bytes it took. */
export async function download(code, urls, progress) {
  await caches.delete(COURSE + code);
  const cache = await caches.open(COURSE + code);
  let bytes = 0;
  for (const [number, url] of urls.entries()) {
    // Another host gets no header of ours: it would have to be asked for leave first.
    const headers = url.startsWith("/") ? { "X-Download": "1" } : {};
    const answer = await fetch(url, { headers, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(url);
    bytes += (await answer.clone().blob()).size;
    await cache.put(url, answer);
    progress(number + 1, urls.length);
  }
  return bytes;
}

export const isKept = async (code) => there && caches.has(COURSE + code);
export const forget = (code) => caches.delete(COURSE + code);

/** Take every copy away: somebody signs out, or somebody else signs in. */
export async function forgetAll() {
  if (!there) return;
  const names = (await caches.keys()).filter((name) => name.startsWith("hoc-") && name !== "hoc-vo");
  await Promise.all(names.map((name) => caches.delete(name)));
}
