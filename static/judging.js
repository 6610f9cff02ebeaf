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
