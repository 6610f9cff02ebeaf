// The lease. While someone works on the page it is renewed, at once and then every minute or so; when the
// page is left, it ends soon.
const SIGNS_OF_WORK = ["keydown", "pointerdown", "pointermove", "scroll"];
const CHECK_MS = 1000;
// A leave of the page before must have been stored, or it would shorten the lease again.
const SETTLED_MS = 1000;
let isAtWork = false;
let beatAt = 0;
let nextBeat;
let isLeaving = false;

function heartbeat() {
  return document.querySelector("#heartbeat");
}

function beat() {
  if (!heartbeat() || isLeaving || document.hidden || document.querySelector("#workspace .htmx-request")) return;
  isAtWork = false;
  beatAt = Date.now();
  htmx.trigger(heartbeat(), "heartbeat");
}

function beatSoon() {
  beatAt = Date.now();
  clearTimeout(nextBeat);
  nextBeat = setTimeout(beat, SETTLED_MS);
}

for (const name of SIGNS_OF_WORK) {
  document.addEventListener(name, () => { isAtWork = true; }, { capture: true, passive: true });
}

setInterval(() => {
  const seconds = Number(heartbeat()?.dataset.seconds);
  if (isAtWork && Date.now() - beatAt >= seconds * 1000) beat();
}, CHECK_MS);

window.addEventListener("pageshow", () => {
  isLeaving = false;
  beatSoon();
});
// What a form has just given back must not be taken again by a last beat.
document.addEventListener("submit", (event) => { isLeaving = !event.target.hasAttribute("hx-post"); });
document.addEventListener("visibilitychange", beatSoon);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "workspace") beatSoon();
});

window.addEventListener("pagehide", () => {
  const form = heartbeat();
  if (form) navigator.sendBeacon(form.dataset.leave, new FormData(form));
});

// No word of a lease whose item was just submitted.
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt;
  if (form.id === "heartbeat" && !form.isConnected) event.preventDefault();
});

// Once a lease is gone and the notice says so, there is nothing to renew.
document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr.status;
  const form = event.detail.requestConfig.elt;
  if (form.id === "heartbeat" && status >= 400 && status < 500) form.remove();
});
