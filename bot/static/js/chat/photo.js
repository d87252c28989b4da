/** A photo of the receipt goes by itself, as soon as it is chosen; what is typed stays typed. */
const input = document.querySelector("#anh");

/** The reason, in the page's own words: `too-large` or `lost`. */
export function reason(name) {
  return document.querySelector(`[data-photo="${name}"]`).innerHTML;
}

/** A form with these fields. */
export function filled(fields) {
  const form = new FormData();
  Object.entries(fields).forEach(([name, value]) => form.append(name, value));
  return form;
}

export function onPhoto(take) {
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (file) take(file, file.size > Number(input.dataset.most));
    input.value = ""; // the same photo may be chosen again
  });
}
