/** What is on the screen: the bubbles, the words on their way, the assistant at work. */
const log = document.querySelector("#log");
const unsent = document.querySelector("[data-unsent]");
const form = document.querySelector("[data-unsent-form]");
const typing = document.querySelector("[data-typing]");
const offline = document.querySelector("[data-offline]");
const title = document.title;

/** The number of the last bubble here. */
export function seen() {
  return document.querySelector("#da-xem").value;
}

/** Add what the server sent; the first of the new blocks, or null where nothing was new. */
export function add(html) {
  const part = document.createElement("template");
  part.innerHTML = html;
  const number = part.content.querySelector("#da-xem");
  if (number) document.querySelector("#da-xem").value = number.value;
  const blocks = [...part.content.querySelectorAll(".exchange")];
  log.append(...blocks);
  if (blocks.length && document.hidden) document.title = `● ${title}`;
  return blocks[0] || null;
}

/** Draw what waits to be sent; `isLost` says that it will take longer. */
export function show(messages, { isSending = false, isLost = false } = {}) {
  unsent.textContent = "";
  for (const message of messages) {
    const drawn = form.content.cloneNode(true);
    drawn.querySelector("[data-words]").textContent = message.words;
    drawn.querySelector("[data-note]").hidden = !isLost;
    drawn.querySelector("[data-drop]").value = message.row;
    unsent.append(drawn);
  }
  typing.hidden = !isSending || arePeopleTalking();
  if (offline.hidden === isLost) offline.hidden = !isLost;
}

/** Where an officer has the talk, the assistant is at work on nothing: it said nothing last. */
function arePeopleTalking() {
  const last = log.lastElementChild;
  return last !== null && !last.querySelector(".assistant:not(.officer)");
}

export function isAtEnd() {
  return window.innerHeight + window.pageYOffset > document.body.scrollHeight - 200;
}

/** Show the last words, above the box that covers the end of the screen. */
export function goToEnd() {
  const last = typing.hidden ? unsent : typing;
  last.style.scrollMarginBottom = `${document.querySelector("#hoi").offsetHeight + 8}px`;
  last.scrollIntoView({ block: "end" });
}

export function newest() {
  return log.lastElementChild;
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = title;
});
