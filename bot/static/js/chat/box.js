/** The box grows with what is typed; on a real keyboard Enter sends, Shift and Enter begin a line. */
export const box = document.querySelector("#cau-hoi");
export const hasKeyboard = window.matchMedia("(hover: hover)").matches;
const errors = document.querySelector("#loi");

function fit() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

/** Take out what was typed. */
export function take() {
  const text = box.value.trim();
  box.value = "";
  fit();
  return text;
}

/** Put back what was refused, before what was typed meanwhile, with the reason above it. */
export function giveBack(text, reason) {
  box.value = [text, box.value].filter(Boolean).join("\n");
  box.setAttribute("aria-invalid", "true");
  fit();
  box.focus({ preventScroll: true });
  complain(reason);
}

/** Say what went wrong, and leave what is typed as it is. */
export function complain(reason) {
  errors.innerHTML = reason;
  box.form.classList.add("has-error");
  box.form.scrollIntoView({ block: "end" });
}

export function clearError() {
  errors.textContent = "";
  box.form.classList.remove("has-error");
  box.removeAttribute("aria-invalid");
}

box.addEventListener("input", fit);
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard) {
    event.preventDefault();
    box.form.querySelector(".send").click();
  }
});
fit();
