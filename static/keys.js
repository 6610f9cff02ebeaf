// Keys for what the page shows a key for. Everything works without this file.
const TYPED_INTO = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]";

function isTyping(event) {
  return event.isComposing || event.keyCode === 229 || event.target.closest(TYPED_INTO) !== null;
}

function isModified(event) {
  return event.ctrlKey || event.altKey || event.metaKey;
}

// The names a pressed key may have, the likeliest first. A digit is told by its place on the keyboard, too,
// since on some it stands behind Shift; Shift changes no other key's name but that of the sign it types.
function namesOf(event) {
  // A browser that fills a field in by itself sends an event without a key.
  if (!event.key) return [];
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  if (!event.shiftKey) return digit ? [key, digit] : [key];
  const isSign = key.length === 1 && key === key.toUpperCase();
  return [...(digit ? [`Shift+${digit}`] : []), ...(isSign ? [key] : [])];
}

function controlFor(key) {
  const controls = document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`);
  return [...controls].find((control) => !control.matches(":disabled") && !control.closest("[hidden], [inert]"));
}

function openAround(control) {
  let inside = control.matches("summary") ? control.parentElement.parentElement : control;
  while ((inside = inside.closest("details:not([open])"))) inside.open = true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || isModified(event) || isTyping(event)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.closest("button, a, summary, [role=button]")) return;
  const control = namesOf(event).map(controlFor).find(Boolean);
  // By itself a form is sent by Enter in any of its fields, whatever key was chosen for that.
  const isTaken = event.key === "Enter" && event.target.matches("#workspace input") && document.querySelector("[data-key]");
  if (control || isTaken) event.preventDefault();
  if (!control) return;
  openAround(control);
  control.click();
  if (control.matches("input, textarea, select")) control.focus();
});
