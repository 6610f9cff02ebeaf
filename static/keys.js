// Keys for what the page shows a key for. Everything works without this file.

function isTyping(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), textarea, select") !== null;
}

function controlFor(key) {
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

// Digits with Shift are told by their place, so they are the same on every keyboard.
function nameOf(event) {
  if (event.shiftKey && event.code?.startsWith("Digit")) return `Shift+${event.code.slice(-1)}`;
  return event.key?.length === 1 ? event.key.toLowerCase() : event.key;
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
  const control = controlFor(nameOf(event));
  if (!control) return;
  event.preventDefault();
  control.closest("details")?.setAttribute("open", "");
  control.click();
  if (control.matches("input")) control.focus();
});
