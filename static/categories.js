// Harm categories: found by typing, explained while one has the focus. Both parts are hidden without this file.

function parts(fieldset) {
  return {
    input: fieldset.querySelector("#category-filter"),
    status: fieldset.querySelector(".filter-status"),
    meaning: fieldset.querySelector(".meaning"),
    choices: [...fieldset.querySelectorAll(".categories .choice")],
  };
}

function meaningOf(choice) {
  return document.getElementById(choice.querySelector("input").getAttribute("aria-describedby")).textContent;
}

function narrow(fieldset) {
  const { input, status, choices } = parts(fieldset);
  const words = input.value.trim().toLowerCase();
  let n = 0;
  for (const choice of choices) {
    const isNamed = choice.querySelector("span").textContent.toLowerCase().includes(words);
    const fits = words === "" || isNamed || meaningOf(choice).toLowerCase().includes(words);
    // Those that fit by their name come first.
    choice.style.order = words !== "" && !isNamed ? "1" : "";
    choice.hidden = !fits;
    n += fits ? 1 : 0;
  }
  if (words === "") status.textContent = "";
  else status.textContent = n ? input.dataset.some : input.dataset.none;
}

function firstFitting(choices) {
  const fitting = choices.filter((choice) => !choice.hidden);
  return fitting.find((choice) => choice.style.order === "") ?? fitting[0];
}

function clear(fieldset) {
  parts(fieldset).input.value = "";
  narrow(fieldset);
}

document.addEventListener("input", (event) => {
  if (event.target.id === "category-filter") narrow(event.target.closest("fieldset"));
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "category-filter" || event.isComposing) return;
  const fieldset = event.target.closest("fieldset");
  if (event.key === "Enter") {
    event.preventDefault();
    if (event.target.value.trim() === "") return;
    const found = firstFitting(parts(fieldset).choices);
    if (!found) return;
    clear(fieldset);
    found.querySelector("input").click();
    found.querySelector("input").focus();
  } else if (event.key === "Escape") {
    event.preventDefault();
    clear(fieldset);
    document.querySelector("#task")?.focus({ preventScroll: true });
  }
});

function explain(event) {
  const choice = event.target.closest?.(".categories .choice");
  if (!choice) return;
  const meaning = choice.closest("fieldset").querySelector(".meaning");
  meaning.textContent = meaningOf(choice);
}

document.addEventListener("focusin", explain);
document.addEventListener("mouseover", explain);

function unhide() {
  for (const part of document.querySelectorAll("form.judging .filter, form.judging .meaning")) part.hidden = false;
}

unhide();
document.addEventListener("htmx:afterSwap", unhide);
