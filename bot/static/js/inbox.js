/** The inbox looks again when something happened, and says so with a sound and in the title. */
const place = document.querySelector("[data-live]");
const talk = place.dataset.talk;
const ARRIVALS = ["requested", "returned", "transferred", "callback", "heard", "undelivered"];
const title = document.title;
let unseen = 0;
let audio = null;

function look() {
  if (place.contains(document.activeElement) && document.activeElement.matches("input")) return;
  window.htmx.trigger(place, "look");
}

function ring() {
  if (!audio) return;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0.15, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
  tone.frequency.value = 660;
  tone.connect(volume);
  volume.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.6);
}

function heard(event) {
  const news = JSON.parse(event.data);
  if (talk && news.kind !== "reset" && news.ref !== talk) return;
  look();
  if (!ARRIVALS.includes(news.kind)) return;
  ring();
  if (document.hidden) {
    unseen += 1;
    document.title = `(${unseen}) ${title}`;
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  document.title = title;
});

/** A browser makes no sound before somebody asked for it, so asking for it is a button. */
const sound = document.querySelector("[data-sound]");
if (sound) {
  sound.hidden = false;
  sound.addEventListener("click", () => {
    const isOn = sound.getAttribute("aria-pressed") === "true";
    if (isOn) audio.close();
    audio = isOn ? null : new AudioContext();
    sound.setAttribute("aria-pressed", String(!isOn));
    ring();
  });
}

/** What was typed stays: only the words above it are new; if the rest of the page is old, say so. */
const log = talk ? place : null;
const state = () => log.querySelector("[data-state]").dataset.state;
if (log) {
  const before = state();
  log.scrollTop = log.scrollHeight;
  log.addEventListener("htmx:afterSwap", () => {
    log.scrollTop = log.scrollHeight;
    document.querySelector("[data-changed]").hidden = state() === before;
  });
}

/** On a telephone the lists slide: the chosen one is brought into view, whenever they are drawn. */
function showChosen() {
  const chosen = place.querySelector(".tabs [aria-current]");
  if (chosen) chosen.parentElement.scrollLeft = chosen.offsetLeft - chosen.parentElement.offsetLeft;
}
showChosen();
place.addEventListener("htmx:afterSwap", showChosen);

new EventSource(place.dataset.live).addEventListener("message", heard);
