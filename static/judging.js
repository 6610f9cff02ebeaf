// The judgement form's own logic, and the focus after a swap. Everything works without this file.

// A harm category or a severity says that the response is harmful; "safe" clears both.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.judging");
  if (!form || !form.querySelector(".if-harmful")) return;
  if (event.target.name === "is_safe" && event.target.value === "true") {
    for (const input of form.querySelectorAll(".if-harmful input")) input.checked = false;
  } else if (["harm_categories", "severity"].includes(event.target.name) && event.target.checked) {
    form.querySelector('input[name="is_safe"][value="false"]').checked = true;
  }
});

// "Safe, and next" is both at once.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.safe-next");
  if (!button) return;
  const safe = button.form.querySelector('input[name="is_safe"][value="true"]');
  safe.checked = true;
  safe.dispatchEvent(new Event("change", { bubbles: true }));
});

// The new item is announced and read from its top; an old notice is gone. What must be mended comes first.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "workspace") return;
  document.querySelector("#notice")?.replaceChildren();
  const toMend = document.querySelector("#contradiction");
  if (toMend) {
    toMend.focus();
    return;
  }
  document.querySelector("#task")?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
