// Keys for what the page shows a key for. Everything works without this file.

function isTyping(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), textarea, select") !== null;
}

function controlFor(key) {
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
  const control = controlFor(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!control) return;
  event.preventDefault();
  control.click();
  if (control.matches("input")) control.focus();
});
