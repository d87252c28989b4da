/**
 * The chat inside a page of somebody else: no cookie, a token of its own, kept where that is
 * allowed. The page around it is told only when to close, and may only say where the focus goes.
 */
import { box, hasKeyboard } from "./box.js";
import { forget, keep, recall } from "./kept.js";
import { filled } from "./photo.js";
import { talk } from "./talk.js";

const TOKEN = "motcua.nhung";
const omit = { credentials: "omit" };
const headers = () => ({ "HX-Request": "true", Authorization: `Bearer ${recall(TOKEN) || ""}` });
const get = (url, more, signal) =>
  fetch(url, { ...omit, signal, headers: { ...headers(), ...more } });

async function begin() {
  const answer = await fetch("/api/v1/chat/conversations", { method: "POST", ...omit });
  if (!answer.ok) return answer;
  keep(TOKEN, (await answer.json()).token);
  return null;
}

function say({ id, text, payload }, after) {
  const said = payload ? { payload } : { text };
  return post(new URLSearchParams({ message_id: id, ...said }), after);
}

function show(id, photo, after) {
  return post(filled({ message_id: id, anh: photo }), after);
}

async function post(body, after) {
  const refused = recall(TOKEN) ? null : await begin();
  if (refused) return refused;
  body.set("after", after);
  const answer = await fetch("/chat", { method: "POST", ...omit, headers: headers(), body });
  if (answer.status !== 401) return answer;
  forget(TOKEN); // it was ended; the words begin another
  return post(body, "0");
}

talk({
  say,
  show,
  news: (after) => get(`/chat?after=${after}`),
  listen: (last, signal) => get("/chat/truc-tiep", { "Last-Event-ID": last }, signal),
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") window.parent.postMessage("motcua:dong", "*");
});

window.addEventListener("message", ({ data, source }) => {
  if (source !== window.parent) return;
  if (data === "motcua:dau" && hasKeyboard) box.focus();
  if (data === "motcua:cuoi") box.form.querySelector(".send").focus();
});
