/** The chat on our own page: a cookie says who is talking, the form's token that it is our page. */
import * as unsent from "./unsent.js";
import { newest } from "./log.js";
import { filled } from "./photo.js";
import { talk } from "./talk.js";

const token = document.querySelector("#hoi [name=form_token]").value;
const headers = { "HX-Request": "true" };

document.documentElement.classList.add("scripted");

talk({
  say({ id, text, payload }, after) {
    const said = payload ? { payload } : { text };
    const body = new URLSearchParams({ form_token: token, message_id: id, after, ...said });
    return fetch("/chat", { method: "POST", headers, body });
  },
  show(id, photo, after) {
    const body = filled({ form_token: token, message_id: id, after, anh: photo });
    return fetch("/chat", { method: "POST", headers, body });
  },
  news: (after) => fetch(`/chat?after=${after}`, { headers }),
  listen: (last, signal) => fetch("/chat/truc-tiep", { headers: { "Last-Event-ID": last }, signal }),
});

document.querySelector("[data-forget]").addEventListener("submit", () => {
  unsent.all().forEach(unsent.remove);
});

if (!document.querySelector("#loi").textContent.trim()) newest()?.scrollIntoView({ block: "start" });
