// Passages of a response marked as evidence. The field holds them as JSON: place on the page, start and end in
// code points of the response's text. They are painted by the CSS Custom Highlight API, so the text stays as it is.

const LONGEST_EXCERPT = 60;

function evidenceField() {
  return document.querySelector('form.judging input[name="evidence"]');
}

function readSpans() {
  return JSON.parse(evidenceField().value || "[]");
}

function textAt(place) {
  return document.querySelector(`.model-text[data-place="${place}"]`);
}

function writeSpans(spans, said) {
  spans.sort((a, b) => a.place - b.place || a.start - b.start);
  evidenceField().value = JSON.stringify(spans);
  evidenceField().dispatchEvent(new Event("change", { bubbles: true }));
  showSpans();
  say(said);
}

function say(message) {
  document.querySelector(".spans-status").textContent = message;
}

function words(key) {
  return document.querySelector(".spans").dataset[key];
}

// Overlapping and touching passages become one.
function withSpan(spans, added) {
  const apart = [];
  for (const span of spans) {
    if (span.place !== added.place || span.end < added.start || span.start > added.end) apart.push(span);
    else added = { place: span.place, start: Math.min(span.start, added.start), end: Math.max(span.end, added.end) };
  }
  return [...apart, added];
}

function nCodePoints(text) {
  return [...text].length;
}

// Where a DOM range lies in the text of its element; null where it leaves it.
function spanOf(range) {
  const element = (range.commonAncestorContainer.nodeType === Node.ELEMENT_NODE
    ? range.commonAncestorContainer
    : range.commonAncestorContainer.parentElement).closest(".model-text[data-place]");
  if (!element || range.collapsed) return null;
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const start = nCodePoints(before.toString());
  return { place: Number(element.dataset.place), start, end: start + nCodePoints(range.toString()) };
}

// The DOM range of a span.
function rangeOf(span) {
  const element = textAt(span.place);
  if (!element) return null;
  const range = document.createRange();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let seen = 0;
  let isStarted = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const points = [...node.data];
    const unitsUpTo = (n) => points.slice(0, n).join("").length;
    if (!isStarted && span.start < seen + points.length) {
      range.setStart(node, unitsUpTo(span.start - seen));
      isStarted = true;
    }
    if (isStarted && span.end <= seen + points.length) {
      range.setEnd(node, unitsUpTo(span.end - seen));
      return range;
    }
    seen += points.length;
  }
  return null;
}

function showSpans() {
  const list = document.querySelector(".spans");
  if (!list) {
    CSS.highlights?.delete("evidence");
    return;
  }
  const found = readSpans().map((span) => [span, rangeOf(span)]).filter(([, range]) => range);
  if (window.Highlight) CSS.highlights.set("evidence", new Highlight(...found.map(([, range]) => range)));
  list.replaceChildren(...found.map(([span, range]) => spanRow(list, span, range.toString())));
}

function spanRow(list, span, text) {
  const row = document.createElement("li");
  const quote = document.createElement("q");
  quote.dir = "auto";
  quote.textContent = text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT)}…` : text;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.textContent = list.dataset.remove;
  remove.setAttribute("aria-label", `${list.dataset.remove}: ${quote.textContent}`);
  remove.addEventListener("click", () => {
    const isOther = (each) => each.place !== span.place || each.start !== span.start;
    writeSpans(readSpans().filter(isOther), list.dataset.removed);
    document.querySelector(".mark-selection").focus();
  });
  row.append(quote, remove);
  return row;
}

function markSelection() {
  const selection = document.getSelection();
  const span = selection.rangeCount ? spanOf(selection.getRangeAt(0)) : null;
  if (!span) {
    say(words("nothing"));
    return;
  }
  selection.removeAllRanges();
  writeSpans(withSpan(readSpans(), span), words("marked"));
}

// By keyboard alone: the first place where a response has these words, in any case.
function markQuote() {
  const input = document.querySelector("#quote");
  const quote = input.value.trim();
  if (quote === "") return;
  for (const element of document.querySelectorAll(".model-text[data-place]")) {
    const at = element.textContent.toLowerCase().indexOf(quote.toLowerCase());
    if (at < 0) continue;
    const start = nCodePoints(element.textContent.slice(0, at));
    const span = { place: Number(element.dataset.place), start, end: start + nCodePoints(quote) };
    input.value = "";
    writeSpans(withSpan(readSpans(), span), words("marked"));
    return;
  }
  say(words("missing"));
}

document.addEventListener("click", (event) => {
  if (event.target.closest(".mark-selection")) markSelection();
  if (event.target.closest(".mark-quote")) markQuote();
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "quote" || event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  markQuote();
});

function prepare() {
  for (const part of document.querySelectorAll("form.judging .evidence")) part.hidden = false;
  showSpans();
}

prepare();
document.addEventListener("htmx:afterSwap", prepare);
