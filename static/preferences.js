// A field for a key takes the key that is pressed in it.
const KEEP_THEIR_USE = ["Tab", "Escape", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches("[data-takes-key]") || isModified(event) || event.isComposing) return;
  if (KEEP_THEIR_USE.includes(event.key)) return;
  const isEmptied = ["Backspace", "Delete"].includes(event.key);
  const key = isEmptied ? "" : namesOf(event).find((name) => name.length === 1 || name === "Enter" || name.startsWith("Shift+"));
  if (key === undefined || key === " ") return;
  event.preventDefault();
  field.value = key;
  document.querySelector("#key-taken").textContent = `${field.labels[0].textContent}: ${key || "–"}`;
});
