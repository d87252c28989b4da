/** The box grows with what is typed; on a real keyboard Enter sends, Shift and Enter begin a line. */
const box = document.querySelector("#cau-hoi");
const hasKeyboard = window.matchMedia("(hover: hover)").matches;

function fit() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

box.addEventListener("input", fit);
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard) {
    event.preventDefault();
    box.form.querySelector(".send").click();
  }
});
fit();
