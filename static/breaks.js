// Reminds of a break after so many minutes of work, as static/activity.js counts them. What was worked is kept
// over pages and tabs; five minutes without work are a break.
const WORKED = "evenhand.worked";
const BREAK_MS = 5 * 60_000;

function workedSoFar(now) {
  const { ms, at } = JSON.parse(localStorage.getItem(WORKED)) ?? { ms: 0, at: now };
  return now - at > BREAK_MS ? 0 : ms;
}

function remind(words) {
  document.querySelector("#break").replaceChildren(words.content.cloneNode(true));
}

document.addEventListener("evenhand:active", (event) => {
  const words = document.querySelector("#break-words");
  const wantedMs = Number(words?.dataset.minutes) * 60_000;
  if (!wantedMs) return;
  const now = Date.now();
  let workedMs = workedSoFar(now) + event.detail.ms;
  if (workedMs >= wantedMs) {
    remind(words);
    workedMs = 0;
  }
  localStorage.setItem(WORKED, JSON.stringify({ ms: workedMs, at: now }));
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-dismiss]")) return;
  document.querySelector("#break").replaceChildren();
  document.querySelector("#task")?.focus({ preventScroll: true });
});
