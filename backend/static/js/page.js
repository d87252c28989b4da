/** Small helps for every page, bound by data attributes; without this file everything still works. */

/** Ask once more before something that cannot be undone: <form data-confirm="…">. */
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

/** Print this page: <button data-print hidden>, shown only where there are scripts. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
