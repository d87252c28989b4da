/** The chat without reloads: nothing is sent twice, and nothing that was typed is lost. */
const box = document.querySelector("#cau-hoi");
const composer = document.querySelector("#hoi");
const log = document.querySelector("#log");
const errors = document.querySelector("#loi");
const offline = document.querySelector("[data-offline]");
const pending = document.querySelector("[data-pending]");
const hasKeyboard = window.matchMedia("(hover: hover)").matches;
let pressed = null;

function showPending(words) {
  pending.querySelector("[data-pending-words]").textContent = words;
  pending.hidden = false;
  pending.scrollIntoView({ block: "end" });
}

function answered(form) {
  box.removeAttribute("aria-invalid");
  if (form === composer) box.value = "";
  box.dispatchEvent(new Event("input"));
  log.lastElementChild?.scrollIntoView({ block: "start" });
  if (form !== composer) log.lastElementChild?.focus({ preventScroll: true });
  else if (hasKeyboard) box.focus({ preventScroll: true });
}

function refused() {
  composer.classList.add("has-error");
  box.setAttribute("aria-invalid", "true");
  box.focus({ preventScroll: true });
  composer.scrollIntoView({ block: "end" });
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-asks]")) return;
  const trigger = event.detail.requestConfig.triggeringEvent || {};
  pressed = trigger.submitter || composer.querySelector(".send");
  offline.hidden = true;
  errors.textContent = "";
  composer.classList.remove("has-error");
  showPending(event.target === composer ? box.value : pressed.textContent.trim());
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.target.matches("[data-asks]")) return;
  pending.hidden = true;
  if (event.detail.successful) answered(event.target);
  else if (errors.textContent.trim()) refused();
  else offline.hidden = false;
});

document.querySelector("[data-again]").addEventListener("click", () => pressed.click());

if (log.lastElementChild && !errors.textContent.trim()) {
  log.lastElementChild?.scrollIntoView({ block: "start" });
}
