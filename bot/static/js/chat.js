/** The chat, better with scripts: no reload, nothing sent twice, nothing typed is lost. */
const box = document.querySelector("#cau-hoi");
const composer = document.querySelector("#hoi");
const log = document.querySelector("#log");
const errors = document.querySelector("#loi");
const offline = document.querySelector("[data-offline]");
const pending = document.querySelector("[data-pending]");
const news = document.querySelector("#tin-moi");
const hasKeyboard = window.matchMedia("(hover: hover)").matches;
const NEWS_EVERY = 20000;
let pressed = null;

document.documentElement.classList.add("scripted");

function fit() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

function showPending(words) {
  pending.querySelector("[data-pending-words]").textContent = words;
  pending.hidden = false;
  pending.scrollIntoView({ block: "end" });
}

function toNewest() {
  const newest = log.lastElementChild;
  if (newest) newest.scrollIntoView({ block: "start" });
  return newest;
}

box.addEventListener("input", fit);
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard) {
    event.preventDefault();
    composer.querySelector(".send").click();
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target;
  if (!form.matches("[data-asks]")) return;
  const button = (event.detail.requestConfig.triggeringEvent || {}).submitter;
  pressed = button || composer.querySelector(".send");
  offline.hidden = true;
  errors.textContent = "";
  composer.classList.remove("has-error");
  showPending(form === composer ? box.value : pressed.textContent.trim());
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target;
  if (!form.matches("[data-asks]")) return;
  pending.hidden = true;
  if (event.detail.successful) {
    if (form === composer) box.value = "";
    box.removeAttribute("aria-invalid");
    fit();
    const newest = toNewest();
    if (form === composer && hasKeyboard) box.focus({ preventScroll: true });
    else if (newest) newest.focus({ preventScroll: true });
  } else if (errors.textContent.trim()) {
    composer.classList.add("has-error");
    box.setAttribute("aria-invalid", "true");
    box.focus({ preventScroll: true });
    composer.scrollIntoView({ block: "end" });
  } else {
    offline.hidden = false;
    offline.scrollIntoView({ block: "nearest" });
  }
});

document.querySelector("[data-again]").addEventListener("click", () => pressed.click());

setInterval(() => {
  const talks = document.querySelector("#da-xem").value !== "0";
  if (talks && !document.hidden && navigator.onLine) window.htmx.trigger(news, "news");
}, NEWS_EVERY);

fit();
if (log.children.length && !errors.textContent.trim()) toNewest();
