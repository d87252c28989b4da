/** Saves a form as it is typed: <form data-autosave>. Without this file its button saves it. */

const PAUSE = 1200;
const AGAIN = 8000;

for (const form of document.querySelectorAll("[data-autosave]")) {
  const note = form.querySelector("[data-saved]");
  let timer = 0;
  let isSaving = false;
  let isDirty = false;
  let isStopped = false;

  const say = (text, failed) => {
    note.hidden = false;
    note.textContent = text;
    note.classList.toggle("failed", Boolean(failed));
  };

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };

  async function save() {
    if (isSaving || isStopped || !form.checkValidity()) return;
    isSaving = true;
    isDirty = false;
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      const said = await answer.json();
      if (answer.ok) {
        form.elements.luot.value = said.luot;
        say(note.dataset.saved);
      } else {
        // Somebody else wrote here: what is typed stays, and the button asks the server again.
        isStopped = answer.status === 409;
        isDirty = true;
        say(said.message, true);
      }
    } catch {
      isDirty = true;
      say(note.dataset.waiting, true);
      later(AGAIN);
    } finally {
      isSaving = false;
    }
    if (isDirty && !isStopped) later(AGAIN);
  }

  form.addEventListener("input", () => {
    isDirty = true;
    later(PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    isDirty = false;
  });
  window.addEventListener("online", () => isDirty && later(0));
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
}
