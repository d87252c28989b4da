/** The words of the page, which the template wrote: `say("saved", {saved: 12, all: 30})`. */
const place = document.querySelector("[data-words]");

export function say(name, values = {}) {
  const text = place ? place.dataset[name] || "" : "";
  return text.replace(/{(\w+)}/g, (whole, key) => (key in values ? values[key] : whole));
}
