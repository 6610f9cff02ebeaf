// A text that was uncovered takes the focus, so that it is read at once.
document.addEventListener("htmx:afterSettle", (event) => {
  const id = event.detail.target.id;
  if (id.startsWith("text-")) document.getElementById(id)?.focus();
});
