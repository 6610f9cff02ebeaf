// The next item is loaded while this one is judged. On submit it is shown at once, and the answer is on its way
// meanwhile; where the server does not take it, its page comes back as it was. Without this file each item is
// loaded when the one before is answered.

const LOAD_AFTER_MS = 300;
const OWN_HEADERS = { "HX-Request": "true" };

// What is loaded: the path of its form, the id of its assignment, and the section.
let ahead = null;
let isSending = false;
// A form that was submitted while the answer before was still on its way.
let waiting = null;
let loading;

function judging() {
  return document.querySelector("#workspace form.judging[data-ahead]");
}

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function assignmentOf(form) {
  return /assignments\/(\d+)\//.exec(form.getAttribute("action"))[1];
}

async function load() {
  const form = judging();
  if (!form || form.dataset.isLastStep !== "true" || isSending || ahead) return;
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  try {
    const answer = await fetch(form.dataset.ahead, { method: "POST", body, headers: OWN_HEADERS, redirect: "manual" });
    if (answer.status !== 200 || answer.headers.has("HX-Redirect")) return;
    const section = parse(await answer.text()).querySelector("#workspace");
    if (!section || judging() !== form) return;
    ahead = { section, id: assignmentOf(section.querySelector("form.judging")) };
    form.dataset.next = ahead.id;
  } catch {
    // Offline: the item is loaded when this one is answered.
  }
}

function loadSoon() {
  clearTimeout(loading);
  loading = setTimeout(load, LOAD_AFTER_MS);
}

// What stays open from item to item changes places with the new item's own, as htmx has it with hx-preserve.
function preserve(from, to) {
  for (const kept of from.querySelectorAll("[hx-preserve]")) {
    const other = to.querySelector(`#${CSS.escape(kept.id)}`);
    if (!other) continue;
    const marker = document.createComment("");
    kept.replaceWith(marker);
    other.replaceWith(kept);
    marker.replaceWith(other);
  }
}

// The other scripts take a section as they take one that htmx swapped in.
function show(section) {
  const shown = document.querySelector("#workspace");
  document.dispatchEvent(new CustomEvent("evenhand:leave", { detail: { section: shown } }));
  preserve(shown, section);
  shown.replaceWith(section);
  htmx.process(section);
  for (const name of ["htmx:afterSwap", "htmx:afterSettle"]) {
    section.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { target: section, elt: section } }));
  }
}

function tell(name, section, status) {
  document.dispatchEvent(new CustomEvent(name, { detail: { section, status } }));
}

// What stands beside the item, anew.
function update(page, ...ids) {
  for (const id of ids) {
    const fresh = page.getElementById(id);
    if (!fresh) continue;
    document.getElementById(id)?.replaceWith(fresh);
    htmx.process(fresh);
  }
}

// A harmful label without a category or a severity: the server says what to mend.
function isSureToComeBack(form) {
  const isHarmful = form.querySelector('[name="is_safe"][value="false"]:checked');
  return isHarmful && !(form.querySelector('[name="harm_categories"]:checked') && form.querySelector('[name="severity"]:checked'));
}

// News of the guidelines may have come, or have been read, since the item was loaded.
function updateNews(page) {
  const [fresh, shown] = [page.getElementById("news"), document.getElementById("news")];
  shown?.remove();
  if (!fresh) return;
  document.querySelector("#workspace .task-head").after(fresh);
  htmx.process(fresh);
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.path.endsWith("/guidelines/read")) ahead?.section.querySelector("#news")?.remove();
});

async function post(form, next) {
  const body = new URLSearchParams(new FormData(form));
  // The button "Safe, and next" is no field of its own here: the choice it made is.
  body.append("shown_next", next.section.querySelector("form.judging").dataset.mark);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: OWN_HEADERS, redirect: "manual" });
    return { status: answer.status, to: answer.headers.get("HX-Redirect"), page: parse(await answer.text()) };
  } catch {
    return { status: 0 };
  }
}

async function submit(form) {
  const [before, next] = [document.querySelector("#workspace"), ahead];
  ahead = null;
  isSending = true;
  const sent = post(form, next);
  next.section.dataset.isSending = "yes";
  show(next.section);
  const { status, to, page } = await sent;
  isSending = false;
  delete next.section.dataset.isSending;
  if (to) {
    window.location.assign(to);
  } else if (status === 200) {
    tell("evenhand:stored", before, status);
    const other = page.querySelector("#workspace");
    if (other) show(document.adoptNode(other));
    else updateNews(page);
    update(page, "where", "toast");
    loadSoon();
    if (waiting && waiting === judging()) waiting.requestSubmit();
    waiting = null;
  } else {
    takeBack(before, next, status, page);
  }
}

function takeBack(before, next, status, page) {
  ahead = next;
  waiting = null;
  const mended = status === 422 && page.querySelector("#workspace");
  show(before);
  if (mended) show(document.adoptNode(mended));
  else if (page) update(page, "notice");
  if (!mended) tell("evenhand:refused", before, status);
}

// htmx would wait for the answer.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form !== judging()) return;
  if (isSending) {
    event.preventDefault();
    waiting = form;
    return;
  }
  if (!ahead || form.dataset.isLastStep !== "true" || isSureToComeBack(form)) return;
  event.preventDefault();
  submit(form);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "workspace") return;
  const form = judging();
  // What was loaded is on the page by another way, by a skip, or may be given to someone else by now.
  if (ahead && (!form || assignmentOf(form) === ahead.id)) ahead = null;
  if (!isSending) loadSoon();
});

loadSoon();
