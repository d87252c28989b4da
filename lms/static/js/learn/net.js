/** Talking to the server: every way that it may fail has its own name, for each asks for another step. */
const PATIENCE = 15000;
const SIGN_IN = "/dang-nhap";

/** No network, or a server that is away: again later. */
export class Away extends Error {
  constructor(seconds = 0) { super("away"); this.seconds = seconds; }
}
/** Nobody is signed in any more. */
export class SignedOut extends Error {}
/** The server does not take it, now or ever. */
export class Refused extends Error {
  constructor(status) { super(`refused: ${status}`); this.status = status; }
}

const field = (page) => page.querySelector("[name=form_token]");
let token = field(document) ? field(document).value : "";

/** Send a form (URLSearchParams) or JSON; the answer, or one of the failures above. */
export async function send(url, { form, json, keepalive = false }) {
  const answer = await attempt(url, { form, json, keepalive });
  if (answer.status !== 403) return checked(answer);
  await renew();
  return checked(await attempt(url, { form, json, keepalive }));
}

/** Get a page of ours. */
export async function get(url, headers = {}) {
  return checked(await fetched(url, { headers }));
}

function attempt(url, { form, json, keepalive }) {
  const headers = { "x-form-token": token };
  if (json) headers["Content-Type"] = "application/json";
  return fetched(url, { method: "POST", headers, keepalive, body: json ? JSON.stringify(json) : form });
}

async function fetched(url, options) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), PATIENCE);
  try {
    return await fetch(url, { ...options, credentials: "same-origin", signal: control.signal });
  } catch {
    throw new Away();
  } finally {
    clearTimeout(timer);
  }
}

function checked(answer) {
  if (new URL(answer.url).pathname === SIGN_IN) throw new SignedOut();
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
    throw new Away(Number(answer.headers.get("Retry-After")) || 0);
  }
  if (!answer.ok) throw new Refused(answer.status);
  return answer;
}

/** A page that was open for long, or came from this device's store, holds an old token. */
async function renew() {
  const page = new DOMParser().parseFromString(await (await get("/hoc")).text(), "text/html");
  token = field(page) ? field(page).value : token;
}
