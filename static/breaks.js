// Reminds of a break after so many minutes of work: the tab in sight, and used within the last minute. What
// was worked is kept over pages and tabs; five minutes without work are a break.
const SIGNS_OF_USE = ["keydown", "pointerdown", "pointermove", "wheel", "scroll"];
const WORKED = "evenhand.worked";
const TICK_MS = 1000;
const IDLE_MS = 60_000;
const BREAK_MS = 5 * 60_000;
let usedAt = Date.now();

for (const name of SIGNS_OF_USE) {
  document.addEventListener(name, () => { usedAt = Date.now(); }, { capture: true, passive: true });
}

function workedSoFar(now) {
  const { ms, at } = JSON.parse(localStorage.getItem(WORKED)) ?? { ms: 0, at: now };
  return now - at > BREAK_MS ? { ms: 0, at: now } : { ms, at };
}

function remind(words) {
  document.querySelector("#break").replaceChildren(words.content.cloneNode(true));
}

setInterval(() => {
  const now = Date.now();
  const words = document.querySelector("#break-words");
  const wantedMs = Number(words?.dataset.minutes) * 60_000;
  if (!wantedMs || document.hidden || now - usedAt > IDLE_MS) return;
  const { ms, at } = workedSoFar(now);
  // A longer step is a pause, or the time that a computer slept.
  let workedMs = ms + Math.min(now - at, 2 * TICK_MS);
  if (workedMs >= wantedMs) {
    remind(words);
    workedMs = 0;
  }
  localStorage.setItem(WORKED, JSON.stringify({ ms: workedMs, at: now }));
}, TICK_MS);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-dismiss]")) return;
  document.querySelector("#break").replaceChildren();
  document.querySelector("#task")?.focus({ preventScroll: true });
});
