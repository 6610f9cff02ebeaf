// The sheet of the keys that act on this page, made anew from its controls whenever it is opened.

// A control's name without its key and its explanation.
function wordsOf(element) {
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, small, input")) extra.remove();
  return copy.textContent.trim().replace(/\s+/g, " ");
}

function nameOf(control) {
  return control.ariaLabel || wordsOf(control.labels?.[0] ?? control);
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function keyList(list) {
  const groups = new Map();
  const others = element("dl");
  for (const control of document.querySelectorAll("[data-key]")) {
    if (control.closest("[hidden], [inert]")) continue;
    const legend = control.closest("fieldset")?.querySelector("legend");
    const title = legend && wordsOf(legend);
    if (legend && !groups.has(title)) groups.set(title, element("dl"));
    const entry = element("div", element("dt", element("kbd", control.dataset.key)), element("dd", nameOf(control)));
    (groups.get(title) ?? others).append(entry);
  }
  groups.set(list.dataset.other, others);
  return [...groups].map(([title, entries]) => element("section", element("h3", title), entries));
}

// Without a script the same link leads to the page where the keys are chosen.
document.addEventListener("click", (event) => {
  if (!event.target.closest?.('[data-opens="key-sheet"]') || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const sheet = document.querySelector("#key-sheet");
  const list = sheet.querySelector(".key-list");
  list.replaceChildren(...keyList(list));
  sheet.showModal();
});
