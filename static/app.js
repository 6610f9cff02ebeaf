// Keys for what the page shows a key for, and the focus after a swap. Everything works without this file.

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

// A harm category or a severity says that the response is harmful; "safe" clears both.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.judging");
  if (!form) return;
  if (event.target.name === "is_safe" && event.target.value === "true") {
    for (const input of form.querySelectorAll(".if-harmful input")) input.checked = false;
  } else if (event.target.name !== "is_safe" && event.target.checked) {
    form.querySelector('[name="is_safe"][value="false"]').checked = true;
  }
});

// The new item is announced and read from its top; an old notice is gone.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "workspace") return;
  document.querySelector("#notice")?.replaceChildren();
  document.querySelector("#task")?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
