// Honest active time on one item: the tab is in sight and something was done lately. How long reading without
// moving may last depends on the words on the screen.

const READING_WORDS_A_MINUTE = 120;
const SHORTEST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
const TICK_MS = 1000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "scroll", "touchstart"];

let signAt = Date.now();
let tickAt = Date.now();
let activeMs = 0;
let pauseMs = SHORTEST_PAUSE_MS;

function wordsOnScreen() {
  let n = 0;
  for (const text of document.querySelectorAll("#workspace .model-text")) {
    // Scripts without spaces count two characters as a word.
    const others = text.textContent.replace(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g, () => { n += 0.5; return " "; });
    n += others.split(/\s+/).filter(Boolean).length;
  }
  return n;
}

function field() {
  return document.querySelector('form.judging input[name="active_ms"]');
}

// A page that is loaded again goes on counting.
const SO_FAR = "evenhand-active";

function soFar() {
  const [action, ms] = (sessionStorage.getItem(SO_FAR) ?? "").split(" ");
  return field() && action === field().form.action ? Number(ms) : 0;
}

function note() {
  if (!field()) return;
  field().value = Math.round(activeMs);
  sessionStorage.setItem(SO_FAR, `${field().form.action} ${field().value}`);
}

function begin() {
  activeMs = soFar();
  const reading = (wordsOnScreen() / READING_WORDS_A_MINUTE) * 60_000;
  pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, reading));
  signAt = Date.now();
  tickAt = Date.now();
}

function tick() {
  const now = Date.now();
  const passed = now - tickAt;
  tickAt = now;
  if (document.hidden || now - signAt > pauseMs) return;
  // A machine that slept does not work meanwhile.
  activeMs += Math.min(passed, 2 * TICK_MS);
  note();
  document.dispatchEvent(new CustomEvent("evenhand:active", { detail: { ms: Math.min(passed, 2 * TICK_MS) } }));
}

for (const name of SIGNS) {
  document.addEventListener(name, () => { signAt = Date.now(); }, { capture: true, passive: true });
}

// Of this browser tab since it was opened.
const SESSION_KEY = "evenhand-session-ms";

function showSession(addedMs) {
  const ms = Number(sessionStorage.getItem(SESSION_KEY) ?? 0) + addedMs;
  sessionStorage.setItem(SESSION_KEY, ms);
  const timer = document.querySelector("#timer");
  const words = timer?.dataset.words.replace("{minutes}", Math.floor(ms / 60_000));
  // Written once a minute, so that nothing on the page flickers.
  if (timer && timer.textContent !== words) timer.textContent = words;
}

document.addEventListener("evenhand:active", (event) => showSession(event.detail.ms));
showSession(0);

begin();
setInterval(tick, TICK_MS);
document.addEventListener("submit", tick, { capture: true });
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "workspace") begin();
});
