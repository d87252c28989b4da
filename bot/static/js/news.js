/** Looks for news while somebody looks at the page; without scripts there is a link for it. */
const EVERY = 20000;

document.documentElement.classList.add("scripted");

setInterval(() => {
  const hasTalked = document.querySelector("#da-xem").value !== "0";
  if (hasTalked && !document.hidden && navigator.onLine) window.htmx.trigger("#tin-moi", "news");
}, EVERY);
