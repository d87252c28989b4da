/** A voice note that cannot be played says so, instead of a player that stays silent. */
document.addEventListener("error", ({ target }) => {
  if (target.matches("[data-voice]")) target.parentElement.querySelector("[data-voice-lost]").hidden = false;
}, true); // errors of players do not bubble
