// Keys for what the page shows a key for, the focus after a swap, and the lease. Everything works without this file.

function isTyping(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), textarea, select") !== null;
}

function controlFor(key) {
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
  const control = controlFor(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!control) return;
  event.preventDefault();
  control.click();
  if (control.matches("input")) control.focus();
});

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

// The lease. While someone works on the page it is renewed, at once and then every minute or so; when the
// page is left, it ends soon.
const SIGNS_OF_WORK = ["keydown", "pointerdown", "pointermove", "scroll"];
const CHECK_MS = 1000;
// A leave of the page before must have been stored, or it would shorten the lease again.
const SETTLED_MS = 1000;
let isAtWork = false;
let beatAt = 0;
let nextBeat;

function heartbeat() {
  return document.querySelector("#heartbeat");
}

function beat() {
  if (!heartbeat() || document.hidden || document.querySelector("#workspace .htmx-request")) return;
  isAtWork = false;
  beatAt = Date.now();
  htmx.trigger(heartbeat(), "heartbeat");
}

function beatSoon() {
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

window.addEventListener("pageshow", beatSoon);
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
