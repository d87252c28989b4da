/**
 * Server-sent events over fetch, since EventSource can send no header.
 *
 * `open(lastId, signal)` asks; `heard(kind)` is called for each event, and once with "opened" after
 * every beginning, because only what happens from then on is told. Where listening is refused it is
 * called now and then all the same: so one who may not listen still looks.
 */
const SILENCE = 45000; // the server says something every 15 seconds
const SHORTEST = 2000;
const LONGEST = 60000;

/** Returns how to try at once, where it is waiting. */
export function follow(open, heard) {
  let wake = () => {};
  const now = () => wake();
  window.addEventListener("online", now);
  document.addEventListener("visibilitychange", () => document.hidden || now());
  keepOn(open, heard, (milliseconds) => new Promise((done) => {
    const timer = setTimeout(done, milliseconds * (0.75 + Math.random() / 2));
    wake = () => { clearTimeout(timer); done(); };
  }));
  return now;
}

async function keepOn(open, heard, pause) {
  let last = "";
  let wait = SHORTEST;
  const told = (event) => { last = event.id || last; heard(event.kind); };
  for (;;) {
    const control = new AbortController();
    try {
      const answer = await open(last, control.signal);
      heard("opened");
      wait = answer.status === 200 ? SHORTEST : LONGEST;
      if (answer.status === 200) await read(answer.body.getReader(), control, told);
    } catch { /* the network: again, a little later each time */ }
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST);
  }
}

async function read(reader, control, told) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const silence = setTimeout(() => control.abort(), SILENCE);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = blocks.pop();
    blocks.map(parsed).filter((event) => event.kind).forEach(told);
  }
}

function parsed(block) {
  const field = (name) => block.match(new RegExp(`^${name}: ?(.*)$`, "m"))?.[1] ?? "";
  return { id: field("id"), ...JSON.parse(field("data") || "{}") };
}
