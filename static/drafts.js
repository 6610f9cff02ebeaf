// Drafts: every change of an answer is kept in this browser at once, and on the server as soon as it can be.
// What waits in this browser is forgotten when the server has it, or after a week.
const TYPING_PAUSE_MS = 400;
const LONGEST_ANSWER_MS = 15_000;
const LONGEST_WAIT_MS = 30_000;
const KEPT_MS = 7 * 24 * 3_600_000;
const KEPT_PREFIX = "draft ";
const NO_PART_OF_ANSWER = ["csrf_token", "submission_key", "draft_version"];
const OUT_OF_REACH = [0, 502, 503, 504];

// Storage can be full or forbidden; the server's draft is kept all the same.
class KeptDrafts {
  static read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  }

  static write(name, kept) {
    try {
      localStorage.setItem(name, JSON.stringify({ ...kept, at: Date.now() }));
    } catch {}
  }

  static forget(name) {
    try {
      localStorage.removeItem(name);
    } catch {}
  }

  static sweep() {
    let names = [];
    try {
      names = Object.keys(localStorage).filter((name) => name.startsWith(KEPT_PREFIX));
    } catch {}
    for (const name of names) {
      const ageMs = Date.now() - this.read(name)?.at;
      if (!(ageMs < KEPT_MS)) this.forget(name);
    }
  }
}

// The answer as the form has it: a string, or a list where a name comes more than once. A field that says
// `data-undrafted` is no part of it.
function draftContent(form) {
  const undrafted = [...form.querySelectorAll("[data-undrafted]")].map((field) => field.name);
  const fields = new FormData(form);
  const content = {};
  for (const name of new Set(fields.keys())) {
    const values = fields.getAll(name);
    if (![...NO_PART_OF_ANSWER, ...undrafted].includes(name)) content[name] = values.length === 1 ? values[0] : values;
  }
  return content;
}

function isSameDraft(one, other) {
  const names = (content) => Object.keys(content).filter((name) => !NO_PART_OF_ANSWER.includes(name)).sort();
  return JSON.stringify(one, names(one)) === JSON.stringify(other, names(other));
}

// First all fields, then their change events: what follows one of them sees the whole answer.
function fillDraft(form, content) {
  const changed = [];
  const nFilled = {};
  for (const field of form.elements) {
    if (!field.name || NO_PART_OF_ANSWER.includes(field.name) || "undrafted" in field.dataset) continue;
    const values = [content[field.name] ?? []].flat();
    const isChoice = ["radio", "checkbox"].includes(field.type);
    const property = isChoice ? "checked" : "value";
    const turn = nFilled[field.name] ?? 0;
    const filled = isChoice ? values.includes(field.value) : values[turn] ?? field.value;
    nFilled[field.name] = turn + 1;
    // A radio that another one takes the place of says nothing in a browser either.
    if (field[property] !== filled && (filled || field.type !== "radio")) changed.push(field);
    field[property] = filled;
  }
  for (const field of changed) field.dispatchEvent(new Event("change", { bubbles: true }));
}

// The draft of the form on the page. `latest`: the answer as it stands; `unsaved`: the same, while the server
// is not known to have it; `newer`: what another page has saved, until the person has chosen. `isToSubmit`: as
// soon as the server can be reached; `isSubmitRefused`: perhaps for a newer draft.
class Draft {
  latest = null;
  unsaved = null;
  newer = null;
  request = null;
  waitMs = 0;
  isFilling = false;
  isSubmitting = false;
  isToSubmit = false;
  isSubmitRefused = false;
  isOver = false;

  static open() {
    const version = document.querySelector('input[name="draft_version"]');
    return version && new Draft(version);
  }

  constructor(version) {
    this.version = version;
    this.form = version.form;
    this.status = this.form.querySelector(".draft-status");
    this.choice = this.form.querySelector(".draft-choice");
    this.name = `${KEPT_PREFIX}${version.dataset.owner} ${version.dataset.save}`;
    this.key = this.form.elements.submission_key.value;
    // A browser that goes back may restore what a script had put there.
    version.value = version.defaultValue;
    this.choice.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    this.resume({ version: Number(version.value), content: JSON.parse(version.dataset.content) });
  }

  // What this browser kept goes on from what the server has, unless another page has written since.
  resume(server) {
    const kept = KeptDrafts.read(this.name);
    if (Object.keys(server.content).length) this.fill(server.content);
    if (server.version) this.show("saved");
    this.latest = draftContent(this.form);
    if (!kept || isSameDraft(kept.content, server.content)) {
      this.forget();
      return;
    }
    this.fill(kept.content);
    this.unsaved = this.latest = draftContent(this.form);
    const isItsBase = kept.version === server.version || kept.key === server.content.submission_key;
    if (!server.version || isItsBase) {
      this.save();
    } else {
      this.version.value = kept.version;
      this.offer(server);
    }
  }

  fill(content) {
    this.isFilling = true;
    fillDraft(this.form, content);
    this.isFilling = false;
  }

  show(state) {
    const words = this.status.dataset[state] ?? "";
    if (this.status.textContent !== words) this.status.textContent = words;
    this.status.dataset.state = state;
  }

  // Other scripts follow a change too, so the form is read after them.
  note(event) {
    if (this.isFilling || this.isOver) return;
    const isTyping = event.type === "input" && !["radio", "checkbox"].includes(event.target.type);
    this.isToSubmit = false;
    clearTimeout(this.reading);
    this.reading = setTimeout(() => {
      this.take();
      if (this.unsaved) this.saveIn(isTyping ? TYPING_PAUSE_MS : 0);
    });
  }

  take() {
    const content = draftContent(this.form);
    if (!isSameDraft(content, this.latest)) this.keep(content);
  }

  keep(content) {
    this.unsaved = this.latest = content;
    KeptDrafts.write(this.name, { content, version: Number(this.version.value), key: this.key });
  }

  forget() {
    this.unsaved = null;
    KeptDrafts.forget(this.name);
  }

  saveIn(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), ms);
  }

  async save() {
    clearTimeout(this.timer);
    if (!this.unsaved || this.request || this.newer || this.isSubmitting || this.isOver) return;
    const sent = this.unsaved;
    const request = this.request = new AbortController();
    const giveUp = setTimeout(() => request.abort(), LONGEST_ANSWER_MS);
    const answer = await this.send(sent, request.signal);
    clearTimeout(giveUp);
    if (this.request !== request) return;
    this.request = null;
    this.follow(sent, answer);
  }

  // `version` and `content`: the server's, where it answers in JSON. Status 0: it could not be asked.
  async send(content, signal) {
    try {
      const answer = await fetch(this.version.dataset.save, {
        method: "POST", body: this.body(content), redirect: "manual", signal,
      });
      const status = answer.type === "opaqueredirect" ? 303 : answer.status;
      const isJson = answer.headers.get("content-type") === "application/json";
      return { status, ...(isJson ? await answer.json() : {}) };
    } catch {
      return { status: 0 };
    }
  }

  body(content) {
    const fields = new URLSearchParams();
    for (const [name, values] of Object.entries(content)) {
      for (const value of [values].flat()) fields.append(name, value);
    }
    for (const name of NO_PART_OF_ANSWER) fields.append(name, this.form.elements[name].value);
    return fields;
  }

  follow(sent, answer) {
    if (answer.status === 200) this.saved(sent, answer.version);
    else if (answer.content) this.offer(answer);
    else if (answer.status === 0 || answer.status >= 500) this.tryAgain();
    else if (answer.status === 422) this.show("long");
    else if (answer.status !== 409) this.show("local");
    else if (this.isToSubmit) this.form.requestSubmit();
    else this.close();
  }

  saved(sent, version) {
    this.waitMs = 0;
    this.version.value = version;
    if (this.unsaved !== sent) {
      this.keep(this.unsaved);
      this.save();
      return;
    }
    this.forget();
    this.show("saved");
    if (this.isToSubmit) this.form.requestSubmit();
  }

  tryAgain() {
    this.waitMs = Math.min(this.waitMs * 2 || 1000, LONGEST_WAIT_MS);
    this.show(this.isToSubmit ? "unsubmitted" : "offline");
    this.saveIn(this.waitMs);
  }

  // The network is back.
  hurry() {
    this.waitMs = 0;
    this.save();
  }

  offer(newer) {
    const isSubmit = this.isToSubmit || this.isSubmitRefused;
    this.newer = newer;
    this.choice.querySelector("[data-then=save]").hidden = isSubmit;
    this.choice.querySelector("[data-then=submit]").hidden = !isSubmit;
    this.choice.hidden = false;
    this.choice.focus();
    this.show("undecided");
    document.querySelector("#notice")?.replaceChildren();
  }

  choose(button) {
    if (!button || !this.newer) return;
    const newer = this.newer;
    this.newer = null;
    this.choice.hidden = true;
    this.version.value = newer.version;
    this.form.querySelector(".submit button").focus();
    if (button.value === "theirs") {
      this.fill(newer.content);
      this.latest = draftContent(this.form);
      this.forget();
      this.show("saved");
    } else {
      this.keep(this.latest);
      if (button.dataset.then === "submit") this.form.requestSubmit();
      else this.save();
    }
  }

  beginSubmit() {
    clearTimeout(this.reading);
    this.take();
    this.stop();
    this.isSubmitting = true;
    this.isToSubmit = this.isSubmitRefused = false;
  }

  // Where the server was out of reach, a save that comes through says that it is back; where it refused, a
  // save says whether another page has a newer draft.
  endSubmit(status) {
    this.isSubmitting = false;
    if (status !== 0 && status < 400) return;
    this.newer = null;
    this.keep(this.latest);
    if (OUT_OF_REACH.includes(status)) {
      this.isToSubmit = true;
      this.tryAgain();
    } else if (status >= 500) {
      this.show("failed");
    } else {
      this.isSubmitRefused = true;
      this.save();
    }
  }

  stop() {
    clearTimeout(this.reading);
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = null;
  }

  // Answered, skipped or given back.
  end() {
    this.stop();
    this.forget();
    this.isOver = true;
  }

  close() {
    this.end();
    this.show("closed");
  }

  // The page is left, or something else takes the form's place.
  leave() {
    if (this.isOver) return;
    this.stop();
    this.take();
    if (this.unsaved && !this.newer) navigator.sendBeacon(this.version.dataset.save, this.body(this.unsaved));
  }
}

KeptDrafts.sweep();
let draft = null;

document.addEventListener("DOMContentLoaded", () => { draft = Draft.open(); });

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    if (draft && event.target.form === draft.form) draft.note(event);
  });
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt === draft?.form) draft.beginSubmit();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.elt === draft?.form) draft.endSubmit(event.detail.xhr.status);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!draft || event.detail.target.id !== "workspace") return;
  const { elt, path } = event.detail.requestConfig;
  const { status } = event.detail.xhr;
  // What a server before ours has to say must not take the answer's place.
  if (status >= 400 && status !== 422) event.detail.shouldSwap = false;
  else if (status === 422) draft.stop();
  else if (elt === draft.form || path.endsWith("/skip")) draft.end();
  else draft.leave();
});

// Of sections that static/ahead.js has taken from the page while their answer is on its way.
const left = new WeakMap();

document.addEventListener("evenhand:leave", (event) => {
  if (draft) left.set(event.detail.section, draft);
  draft = null;
});

document.addEventListener("evenhand:stored", (event) => left.get(event.detail.section)?.end());

document.addEventListener("evenhand:refused", (event) => draft?.endSubmit(event.detail.status));

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "workspace") draft = left.get(event.detail.target) ?? Draft.open();
});

document.addEventListener("submit", (event) => {
  if (event.target.matches('#workspace form[action$="/release"]')) draft?.end();
});

window.addEventListener("online", () => draft?.hurry());
window.addEventListener("pagehide", () => draft?.leave());
