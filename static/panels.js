// Panels beside the task: one takes the focus when it opens, and gives it back when it closes. Each opens and
// closes by its key (keys.js); Escape closes it too.
const OPEN_PANEL = "details[data-panel][open]";
const focusBefore = new WeakMap();

function giveFocusBack(panel) {
  const before = focusBefore.get(panel);
  const target = before?.isConnected && before !== document.body ? before : panel.querySelector("summary");
  target.focus();
}

// The focus moves at once, not at the `toggle` event that comes later: what is typed next is meant for the panel.
function openPanel(panel) {
  focusBefore.set(panel, document.activeElement);
  panel.open = true;
  panel.querySelector("[data-takes-focus], textarea").focus();
}

function closePanel(panel) {
  const focused = document.activeElement;
  panel.open = false;
  if (focused === document.body || panel.contains(focused)) giveFocusBack(panel);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const panel = event.target.closest(OPEN_PANEL) ?? document.querySelector(OPEN_PANEL);
  if (panel) closePanel(panel);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens-panel]");
  const summary = event.target.closest("[data-panel] > summary");
  if (!link && !summary) return;
  event.preventDefault();
  const panel = link ? document.querySelector(link.dataset.opensPanel) : summary.parentElement;
  if (summary && panel.open) closePanel(panel);
  else openPanel(panel);
});
