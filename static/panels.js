// Panels beside the task: one takes the focus when it opens, and gives it back when it closes. Each opens and
// closes by its key (keys.js); Escape closes it too.
const OPEN_PANEL = "details[data-panel][open]";
const focusBefore = new WeakMap();

function giveFocusBack(panel) {
  const before = focusBefore.get(panel);
  const target = before?.isConnected && before !== document.body ? before : panel.querySelector("summary");
  target.focus();
}

// It does not bubble.
document.addEventListener("toggle", (event) => {
  const panel = event.target;
  if (!panel.matches("[data-panel]")) return;
  const focused = document.activeElement;
  if (panel.open) {
    focusBefore.set(panel, focused);
    panel.querySelector("[data-takes-focus], textarea").focus();
  } else if (focused === document.body || panel.contains(focused)) {
    giveFocusBack(panel);
  }
}, { capture: true });

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const panel = event.target.closest(OPEN_PANEL) ?? document.querySelector(OPEN_PANEL);
  if (panel) panel.open = false;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens-panel]");
  if (!link) return;
  event.preventDefault();
  document.querySelector(link.dataset.opensPanel).open = true;
});
